import assert from 'node:assert/strict';
import path from 'node:path';
import { it } from 'node:test';
import { SIGN_IN_TEST } from './consumer-app.js';
import type { Project } from './support.js';

const RUNNERS = [
  {
    name: 'Jest',
    program: 'jest/bin/jest.js',
    args: ['--ci', '--runInBand', '--json', '--testMatch', '**/sign-in.jest.js'],
    file: 'sign-in.jest.js',
    test: `
      const request = require('supertest');
      const { startVerifyEmulator } = require('passport-twilio-verify/emulator');
      const { createApp } = require('./app.cjs');
      ${SIGN_IN_TEST}`,
  },
  {
    name: 'Vitest',
    program: 'vitest/vitest.mjs',
    args: ['run', '--reporter=json', 'sign-in.vitest.test.ts'],
    file: 'sign-in.vitest.test.ts',
    test: `
      import request from 'supertest';
      import { expect, test } from 'vitest';
      import { startVerifyEmulator } from 'passport-twilio-verify/emulator';
      import { createApp } from './app.cjs';
      ${SIGN_IN_TEST}`,
  },
];

/** Runs other people's test runners on an application that uses the package. */
export function testRunners(given: () => Project): void {
  for (const { name, program, args, file, test } of RUNNERS) {
    it(`lets a test sign a user in with the emulator, in ${name}`, async () => {
      given().write(file, test);
      const { stdout } = await given().node(path.join(given().folder, 'node_modules', program), ...args);
      const { numPassedTests, numTotalTests, success } = JSON.parse(stdout);
      assert.deepEqual(
        { numPassedTests, numTotalTests, success },
        { numPassedTests: 1, numTotalTests: 1, success: true },
      );
    });
  }
}
