import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { lastCode } from '../../support/steps.js';
import { startTestApp, type TestApp } from '../../support/test-app.js';
import { ENGLISH } from '../../support/texts.js';
import { assertProblem, assertStep, type Program, signedIn, withCode } from './support/program.js';

const JSON_TYPE = 'application/json';
const FORM_TYPE = 'application/x-www-form-urlencoded';

describe('a body', () => {
  let app: TestApp;
  let program: Program;

  before(async () => {
    app = await startTestApp();
    program = await withCode(app, 'ann');
  });

  const send = async (path: string, type: string | undefined, body: string, headers: Record<string, string> = {}) => {
    const all = { accept: JSON_TYPE, ...(type === undefined ? {} : { 'content-type': type }), ...headers };
    const answer = await program.browser.send('POST', path, Buffer.from(body), all);
    return { ...answer, body: JSON.parse(answer.text) as Record<string, unknown> };
  };

  for (const { name, type = JSON_TYPE, body, headers = {}, status } of [
    { name: 'malformed JSON', body: '{"code": "123456"', status: 400 },
    { name: 'JSON that is no object', body: '"123456"', status: 400 },
    { name: 'nothing but null', body: 'null', status: 400 },
    { name: 'too much JSON', body: JSON.stringify({ code: '1'.repeat(17_000) }), status: 413 },
    { name: 'too large a form', type: FORM_TYPE, body: `code=${'1'.repeat(17_000)}`, status: 413 },
    { name: 'a character set that is not known', type: `${JSON_TYPE}; charset=utf-99`, body: '{}', status: 415 },
    { name: 'an encoding that is not known', body: '{}', headers: { 'content-encoding': 'nonsense' }, status: 415 },
    { name: 'what is not compressed and says so', body: '{}', headers: { 'content-encoding': 'gzip' }, status: 400 },
  ]) {
    it(`a body with ${name} is answered with ${status} and uses up no attempt`, async () => {
      const record = await app.record(program.browser);
      const answer = await send('/2fa/verify', type, body, headers);
      const { type: kind, title, detail, ...rest } = answer.body;
      assert.deepEqual(rest, { status, code: 'bad_request' });
      assert.ok(kind && title && detail);
      assert.equal(answer.status, status);
      assert.match(answer.headers['content-type'] ?? '', /^application\/problem\+json/);
      assert.deepEqual(await app.record(program.browser), record);
    });
  }

  for (const value of [123_456, null, true, ['123456'], { code: '123456' }]) {
    it(`the code ${JSON.stringify(value)} is refused because it must be a string`, async () => {
      const answer = await program.post('/2fa/verify', { code: value });
      assertProblem(answer, 'bad_request', { field: 'code' });
      assert.equal(answer.body.detail, ENGLISH.text('badRequest.notString', { field: 'code' }));
    });
  }

  for (const value of ['1'.repeat(257), '12\u00003456']) {
    it(`a body with the code ${JSON.stringify(value).slice(0, 30)} is a bad request`, async () => {
      assertProblem(await program.post('/2fa/verify', { code: value }), 'bad_request');
    });
  }

  const FORM_DATA = '--x\r\ncontent-disposition: form-data; name="code"\r\n\r\n123456\r\n--x--\r\n';
  for (const { name, type, body } of [
    { name: 'of FormData', type: 'multipart/form-data; boundary=x', body: FORM_DATA },
    { name: 'of text', type: 'text/plain', body: '{"code":"123456"}' },
    { name: 'of XML', type: 'application/xml', body: '<code>123456</code>' },
    { name: 'without a type', type: undefined, body: '{"code":"123456"}' },
  ]) {
    it(`${name} is answered with 415 and the types to use, and uses nothing up`, async () => {
      const record = await app.record(program.browser);
      const answer = await send('/2fa/verify', type, body);
      assert.equal(answer.status, 415);
      assert.equal(answer.body.code, 'bad_request');
      assert.equal(answer.body.detail, ENGLISH.text('badRequest.contentType'));
      assert.match(String(answer.body.detail), /URLSearchParams/);
      assert.deepEqual(await app.record(program.browser), record);
    });
  }

  it('FormData that the app has read is accepted', async () => {
    const reading = await startTestApp({
      before: (express) =>
        express.use((req, _res, next) => {
          if (req.headers['content-type']?.startsWith('multipart/')) req.body = { method: 'sms' };
          next();
        }),
    });
    const browser = await reading.signedIn('ann');
    const headers = { 'content-type': 'multipart/form-data; boundary=x', accept: JSON_TYPE };
    const answer = await browser.send('POST', '/2fa', Buffer.from(FORM_DATA), headers);
    assert.equal(JSON.parse(answer.text).result, 'sent');
  });

  for (const { name, type, body } of [
    { name: 'that is a list', type: JSON_TYPE, body: '[{"code":"123456"}]' },
    { name: 'that is empty', type: JSON_TYPE, body: '' },
    { name: 'with the code of a prototype', type: JSON_TYPE, body: '{"__proto__":{"code":"123456"}}' },
  ]) {
    it(`${name} has no code in it`, async () => {
      const answer = await send('/2fa/verify', type, body);
      assertProblem(answer, 'code_malformed', { field: 'code' });
    });
  }

  it('the body of a GET is not read', async () => {
    const headers = { accept: JSON_TYPE, 'content-type': JSON_TYPE };
    const answer = await program.browser.send('GET', '/2fa', '{"method":', headers);
    assert.equal(answer.status, 200);
  });

  it('a body is accepted with surrounding spaces, with extra fields, and as a form', async () => {
    const eve = await signedIn(app, 'eve');
    assertStep(await eve.post('/2fa', { method: ' sms ', _csrf: 'of the app', step: 'done' }), 'verify', 'sent');
    const answer = await eve.browser.post('/2fa/verify', { code: ` ${lastCode(app)} ` }, { accept: JSON_TYPE });
    assert.equal(JSON.parse(answer.text).result, 'approved');
  });
});
