import assert from 'node:assert/strict';
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { describe, it } from 'node:test';
import type { Response } from 'express';
import { forbidFraming } from '../../../src/pages/frame-protection.js';

const ALL = "frame-ancestors 'none'; base-uri 'none'";
const BASE = "base-uri 'none'";

describe('forbidFraming', () => {
  const rows: readonly { name: string; own?: string | string[]; expected: string[] }[] = [
    { name: 'no policy of the app', expected: [ALL] },
    { name: 'a policy without frame-ancestors', own: "default-src 'self'", expected: ["default-src 'self'", ALL] },
    {
      name: 'a policy with frame-ancestors',
      own: "default-src 'self';frame-ancestors 'self'",
      expected: ["default-src 'self';frame-ancestors 'self'", BASE],
    },
    { name: 'frame-ancestors in capitals', own: "Frame-Ancestors 'self'", expected: ["Frame-Ancestors 'self'", BASE] },
    { name: 'frame-ancestors without a value', own: 'frame-ancestors', expected: ['frame-ancestors', BASE] },
    {
      name: 'several policies, one with frame-ancestors',
      own: ["default-src 'self'", 'frame-ancestors https://portal.example'],
      expected: ["default-src 'self'", 'frame-ancestors https://portal.example', BASE],
    },
    {
      name: 'several policies in one header',
      own: "default-src 'self', frame-ancestors 'self'",
      expected: ["default-src 'self', frame-ancestors 'self'", BASE],
    },
    {
      name: 'a directive whose name only begins alike',
      own: 'frame-ancestors-of-ours x',
      expected: ['frame-ancestors-of-ours x', ALL],
    },
    {
      name: 'frame-ancestors as a value of another directive',
      own: 'report-uri /csp?frame-ancestors',
      expected: ['report-uri /csp?frame-ancestors', ALL],
    },
  ];
  for (const { name, own, expected } of rows) {
    it(`forbidFraming adds ${expected.at(-1)} to ${name}`, () => {
      const res = new ServerResponse(new IncomingMessage(new Socket())) as Response;
      if (own) res.setHeader('Content-Security-Policy', own);
      forbidFraming(res);
      assert.deepEqual([res.getHeader('Content-Security-Policy')].flat(), expected);
      assert.equal(res.getHeader('X-Frame-Options'), 'DENY');
    });
  }
});
