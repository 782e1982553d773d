/**
 * T20. Attacker: anyone who reads logs, error reports, browser histories, caches of proxies, the session store, or an
 * audit trail: many people, and sooner or later a thief. They search these for codes, phone numbers, and the
 * credentials of the Twilio account. Goal: a code that still works, a list of customers' numbers, messages at the
 * operator's cost. Defense: errors are created from scratch, without the Authorization header and the posted body in
 * the SDK's errors. Recipients are masked wherever they are reported. A sign-in's session holds no recipient. Nothing
 * secret is in a URL. No cache may keep a page.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import path from 'node:path';
import { before, describe, it } from 'node:test';
import { ALICE, BOB, MALLORY } from './support/example.js';
import type { Seen } from './support/leaks.js';

/** Every way in which a number is usually written. */
function spellingsOf(number: string): readonly string[] {
  const [, area, exchange, line] = number.match(/^\+1(\d{3})(\d{3})(\d{4})$/) ?? [];
  const local = `${exchange}-${line}`;
  return [`${area}${exchange}${line}`, `${area} ${exchange} ${line}`, `${area}-${local}`, `(${area}) ${local}`, local];
}

const SIGN_IN_NUMBER = spellingsOf(ALICE);
const NEW_NUMBERS = [BOB, MALLORY].flatMap(spellingsOf);

/** The places in which one of some texts is found. */
function found(texts: readonly string[], needles: readonly string[]): readonly string[] {
  const hits = texts.flatMap((text) =>
    needles.filter((needle) => text.includes(needle)).map((needle) => [needle, text]),
  );
  return hits.map(([needle = '', text = '']) => {
    const at = text.indexOf(needle);
    return `${needle} in …${text.slice(Math.max(0, at - 80), at + 80)}…`;
  });
}

describe('T20: codes, numbers and credentials', () => {
  let seen: Seen;
  let output = '';
  let exitCode: number | null;
  before(async () => {
    const script = path.join(__dirname, 'support', 'leaks.ts');
    const child = spawn(process.execPath, ['--import', 'tsx', script], {
      env: { ...process.env, NODE_TEST_CONTEXT: undefined },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        output += chunk.toString();
      });
    }
    child.once('message', (message) => {
      seen = message as Seen;
    });
    exitCode = await new Promise((resolve) => child.once('close', resolve));
  });

  it('the search covers every place: the flow has been through everything', () => {
    assert.equal(exitCode, 0, output);
    assert.ok(seen.codes.length >= 4 && seen.secrets.every((secret) => secret.length > 10));
    assert.ok(seen.errors.length > 20, `${seen.errors.length} errors`);
    assert.ok(
      seen.signInPages.some((page) => page.includes('0123')),
      'the end of the number is shown',
    );
    assert.ok(
      seen.numberSessions.some((session) => session.includes(BOB)),
      'a number that is being registered is held',
    );
    assert.match(output, /TWILIO|Warning/, 'something was printed');
    assert.deepEqual(seen.rejections, []);
  });

  const everywhere = (): Readonly<Record<string, readonly string[]>> => ({
    'what the process prints': [output],
    'the audit records': seen.audit,
    errors: seen.errors,
    URLs: seen.urls,
    headers: seen.headers,
    'pages of a sign-in': seen.signInPages,
    'pages of a registration': seen.numberPages,
    'the session store': [...seen.signInSessions, ...seen.numberSessions],
  });
  for (const place of [
    'what the process prints',
    'the audit records',
    'errors',
    'URLs',
    'headers',
    'pages of a sign-in',
    'pages of a registration',
    'the session store',
  ]) {
    it(`no credential and no sent code is in ${place}`, () => {
      const texts = everywhere()[place] ?? [];
      assert.ok(texts.length > 0);
      assert.deepEqual(found(texts, seen.secrets), []);
      assert.deepEqual(found(texts, ['Authorization', 'Basic ']), []);
      const codes = seen.codes.map((code) => new RegExp(`.{0,60}(?<!\\d)${code}(?!\\d)`));
      assert.deepEqual([...new Set(texts.flatMap((text) => codes.flatMap((code) => text.match(code) ?? [])))], []);
    });
  }

  for (const place of ['what the process prints', 'the audit records', 'errors', 'URLs', 'headers']) {
    it(`no phone number is in ${place}`, () => {
      assert.deepEqual(found(everywhere()[place] ?? [], [...SIGN_IN_NUMBER, ...NEW_NUMBERS]), []);
    });
  }

  it('no phone number is in the pages or the session of a sign-in', () => {
    assert.deepEqual(found(seen.signInPages, SIGN_IN_NUMBER), []);
    assert.deepEqual(found(seen.signInSessions, SIGN_IN_NUMBER), []);
  });

  it('recovery codes are nowhere but on the page that shows them once', () => {
    assert.equal(seen.recoveryCodes.length, 10);
    assert.ok(seen.records.length >= 3 && seen.events.length >= 5);
    const codes = seen.recoveryCodes.flatMap((code) => [code, code.replaceAll('-', ''), code.slice(0, 9)]);
    const places = { ...everywhere(), 'the factor store': seen.records, events: seen.events };
    for (const [place, texts] of Object.entries(places)) assert.deepEqual(found(texts, codes), [], place);
  });

  it('no cache may keep a page of the router', () => {
    assert.deepEqual(seen.cached, []);
  });
});
