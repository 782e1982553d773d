import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { REFUSAL_STATUS } from '../../../src/common/outcome.js';
import { type Block, readGuide } from '../../docs/support/markdown.js';
import { assertDescribed } from '../../support/openapi.js';
import { ENGLISH } from '../../support/texts.js';

const { text, blocks } = readGuide('docs/single-page-apps.md');

interface Message {
  readonly head: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

function messageOf(block: Block): Message {
  const [top = '', ...rest] = block.text.split('\n\n');
  const [head = '', ...lines] = top.trim().split('\n');
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  );
  return { head, headers, body: rest.join('\n\n').trim() };
}

describe('the guide to JSON', () => {
  const messages = blocks.filter(({ language }) => language === 'http').map(messageOf);
  const isAnswer = ({ head }: Message) => head.startsWith('HTTP/');

  for (const [index, message] of messages.entries()) {
    if (!isAnswer(message)) continue;
    const request = messages[index - 1];
    const [, status = ''] = message.head.split(' ');
    it(`the guide shows an answer as openapi.yaml describes it: ${status} to ${request?.head}`, () => {
      assert.ok(request && !isAnswer(request));
      const [method = '', path = ''] = request.head.split(' ');
      assertDescribed({ method, path, status: Number(status), headers: message.headers, text: message.body });
    });
  }

  it('the guide shows a document of each main step, and texts of the package', () => {
    const bodies = messages.filter(isAnswer).map(({ body }) => JSON.parse(body));
    assert.deepEqual([...new Set(bodies.flatMap(({ step }) => step ?? []))], ['start', 'verify', 'done', 'register']);
    for (const { code, detail, attemptsLeft, retryAfterSeconds } of bodies.filter((body) => body.code)) {
      const details = {
        ...(attemptsLeft ? { attemptsLeft } : {}),
        ...(retryAfterSeconds ? { retryAfterSeconds } : {}),
      };
      assert.equal(detail, ENGLISH.refusal({ type: 'refused', code, ...details }));
    }
  });

  it('the guide describes the action for each code, with its status', () => {
    const rows = [...text.matchAll(/^\| (`\w+`(?:, `\w+`)*) \| ([\d, ()]+) \|/gm)];
    const told = new Map<string, string>();
    for (const [, codes = '', statuses = ''] of rows) {
      for (const [code] of codes.matchAll(/\w+/g)) told.set(code, statuses);
    }
    assert.deepEqual([...told.keys()].toSorted(), Object.keys(REFUSAL_STATUS).toSorted());
    for (const [code, status] of Object.entries(REFUSAL_STATUS)) {
      assert.ok(told.get(code)?.includes(String(status)), `${code}: ${status}`);
    }
  });
});
