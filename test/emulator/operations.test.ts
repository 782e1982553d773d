import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { TWILIO_OPERATIONS } from '../../src/emulator/api/twilio-operations';
import type { TwilioOperation, VerifyEmulator } from '../../src/emulator/index';
import { hasDescription, readOperations } from './support/description';
import { callApi, readJson, setUp, stopAfterEach } from './support/fixture';

stopAfterEach();

const LIST = join(__dirname, '../../src/emulator/api/twilio-operations.ts');
const GUIDE = join(__dirname, '../../docs/emulator.md');

/** Set to write the list from Twilio's description and the table from the list, instead of comparing them. */
const isUpdate = process.env.UPDATE_OPERATIONS !== undefined;

/** Calls an operation with made-up variables, and returns the status and the body. */
async function call(emulator: VerifyEmulator, { method, path }: TwilioOperation) {
  const response = await callApi(emulator, path.replace(/\{\w+\}/g, 'X'), { method });
  return { status: response.status, body: await readJson(response) };
}

/** Compares a part of a file with the text it should have, or writes it. */
function compare(file: string, part: RegExp, wanted: string): void {
  const text = readFileSync(file, 'utf8');
  if (isUpdate)
    writeFileSync(
      file,
      text.replace(part, () => wanted),
    );
  else assert.equal(part.exec(text)?.[0], wanted, 'run this test with UPDATE_OPERATIONS=1');
}

const skip = hasDescription ? false : "Twilio's description (../shared/twilio-oai) is not beside this checkout";

describe("the list of Twilio's operations", () => {
  it("equals Twilio's description", { skip }, () => {
    const lines = readOperations().map(({ operationId, method, path }) => `${operationId} ${method} ${path}`);
    compare(LIST, /(?<== `\n)[^`]*(?=\n`)/, lines.join('\n'));
  });

  it('counts 67 operations, 20 of them emulated', async () => {
    const { emulator } = await setUp({ onNotEmulated: () => {} });
    const answers = await Promise.all(TWILIO_OPERATIONS.map((operation) => call(emulator, operation)));
    assert.equal(answers.length, 67);
    assert.equal(answers.filter(({ status }) => status !== 501).length, 20);
  });

  it('matches the table in docs/emulator.md, with the operations that are emulated', async () => {
    const { emulator } = await setUp({ onNotEmulated: () => {} });
    const rows = new Map<string, string[]>();
    for (const operation of TWILIO_OPERATIONS) {
      const { status } = await call(emulator, operation);
      const row = `| \`${operation.path}\` | ${status === 501 ? 'no' : 'yes'} |`;
      rows.set(row, [...(rows.get(row) ?? []), `\`${operation.operationId}\``]);
    }
    const lines = [...rows].map(([row, ids]) => `${row} ${ids.join(', ')} |`);
    const isEmulated = (line: string) => line.includes('| yes |');
    const table = [...lines.filter(isEmulated), ...lines.filter((line) => !isEmulated(line))].join('\n');
    compare(GUIDE, /(?<=\| path \| emulated \| operations \|\n\|---\|---\|---\|\n)(?:\|.*\n)*?\|.*(?=\n(?!\|))/, table);
  });
});

describe('an operation that is not emulated', () => {
  for (const operation of TWILIO_OPERATIONS.filter(({ path }) => /Entities|Webhooks|Attempts|Overrides/.test(path))) {
    const { operationId, method, path } = operation;
    it(`${operationId} answers 501 and its name`, async () => {
      const { emulator } = await setUp({ onNotEmulated: () => {} });
      const { status, body } = await call(emulator, operation);
      assert.equal(status, 501);
      assert.equal(
        body.message,
        `The emulator does not emulate ${operationId} (${method} ${path}). Use a Twilio account to call it.`,
      );
      assert.deepEqual(
        emulator.requests().map((request) => [request.status, request.code]),
        [[501, 20501]],
      );
    });
  }

  it('rejects the SDK with another status and code than an expired code', async () => {
    const { service } = await setUp({ onNotEmulated: () => {} });
    const create = service.entities('ff483d1ff591898a9942916050d2ca3f').newFactors.create({
      factorType: 'totp',
      friendlyName: 'Phone',
    });
    await assert.rejects(create, { status: 501, code: 20501, message: /CreateNewFactor/ });
  });

  it('answers 401 without credentials', async () => {
    const { emulator } = await setUp();
    const response = await callApi(emulator, '/v2/Attempts', { headers: { Authorization: '' } });
    assert.equal(response.status, 401);
  });

  it('answers 405 to a method that Twilio does not have', async () => {
    const { emulator } = await setUp();
    const response = await callApi(emulator, '/v2/Attempts', { method: 'DELETE' });
    assert.equal(response.status, 405);
  });

  it('reaches onNotEmulated at each call', async () => {
    const seen: string[] = [];
    const { emulator } = await setUp({
      onNotEmulated: ({ operationId }) => {
        seen.push(operationId);
        throw new Error('the listener fails');
      },
    });
    for (const path of ['/v2/Attempts/Summary', '/v2/Attempts/VL1', '/v2/Attempts/VL1']) {
      assert.equal((await callApi(emulator, path)).status, 501);
    }
    assert.deepEqual(seen, [
      'FetchVerificationAttemptsSummary',
      'FetchVerificationAttempt',
      'FetchVerificationAttempt',
    ]);
  });

  it('emits a process warning, once per operation', async () => {
    const warnings: Error[] = [];
    const note = (warning: Error) => warnings.push(warning);
    process.on('warning', note);
    const { emulator } = await setUp();
    for (const path of ['/v2/Templates', '/v2/Templates', '/v2/Forms/form-push']) await callApi(emulator, path);
    process.off('warning', note);
    assert.deepEqual(
      warnings.map(({ name, message }) => [name, /ListVerificationTemplate|FetchForm/.exec(message)?.[0]]),
      [
        ['VerifyEmulatorWarning', 'ListVerificationTemplate'],
        ['VerifyEmulatorWarning', 'FetchForm'],
      ],
    );
  });
});

describe('a path that is not an operation', () => {
  for (const path of ['/v2/Nothing', '/v2/Services/VA1/Nothing', '/v2/Attempts/Summary/x', '/v2/Attempts/']) {
    it(`answers 404 and 20404, as Twilio does: ${path}`, async () => {
      const { emulator } = await setUp();
      const response = await callApi(emulator, path);
      assert.equal(response.status, 404);
      assert.equal((await readJson(response)).code, 20404);
    });
  }
});
