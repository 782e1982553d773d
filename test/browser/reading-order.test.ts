import assert from 'node:assert/strict';
import { afterEach, describe, it } from 'node:test';
import type { Page } from 'playwright-core';
import { type Visitor, visit } from '../support/browser.js';
import { type RunningExample, startExample } from '../support/example.js';
import { ENGLISH } from '../support/texts.js';
import { finish } from './support/finish.js';
import { choose, enterCode, signIn } from './support/steps.js';

/** A node of Chromium's accessibility tree, with the parts that screen readers read. */
interface Spoken {
  readonly role: string;
  readonly name: string;
  readonly value: string;
  readonly description: string;
  readonly isFocused: boolean;
  readonly isInvalid: boolean;
}

interface AxValue {
  readonly value?: unknown;
}

interface AxNode {
  readonly nodeId: string;
  readonly ignored: boolean;
  readonly role?: AxValue;
  readonly name?: AxValue;
  readonly value?: AxValue;
  readonly description?: AxValue;
  readonly properties?: readonly { readonly name: string; readonly value: AxValue }[];
  readonly childIds?: readonly string[];
}

const ROLES = ['heading', 'StaticText', 'textbox', 'button', 'link', 'alert', 'status'];

/** The page in the order of the accessibility tree, which is the order of reading. */
async function spoken(page: Page): Promise<readonly Spoken[]> {
  const devTools = await page.context().newCDPSession(page);
  const { nodes } = (await devTools.send('Accessibility.getFullAXTree')) as unknown as { nodes: readonly AxNode[] };
  const byId = new Map(nodes.map((node) => [node.nodeId, node]));
  const inOrder = (node: AxNode): readonly AxNode[] => [
    node,
    ...(node.childIds ?? []).flatMap((id) => {
      const child = byId.get(id);
      return child ? inOrder(child) : [];
    }),
  ];
  const [root] = nodes;
  if (!root) throw new Error('the tree is empty');
  const text = (value: AxValue | undefined) => String(value?.value ?? '');
  return inOrder(root)
    .filter(({ ignored, role }) => !ignored && ROLES.includes(text(role)))
    .map((node) => {
      const property = (name: string) => text(node.properties?.find((candidate) => candidate.name === name)?.value);
      return {
        role: text(node.role),
        name: text(node.name),
        value: text(node.value),
        description: text(node.description),
        isFocused: property('focused') === 'true',
        isInvalid: property('invalid') === 'true',
      };
    });
}

describe('the order of reading on the code page', () => {
  let app: RunningExample;
  let visitor: Visitor;
  afterEach(() => finish(visitor, app));

  const wrong = ENGLISH.text('refusal.code_wrong', { attemptsLeft: 4 });

  const openCodePage = async (isWrong: boolean) => {
    app = await startExample();
    visitor = await visit(app.url);
    const { page } = visitor;
    await signIn(page, 'alice');
    await choose(page, 'sms');
    if (isWrong) await enterCode(page, app.wrongCode());
    await page.locator('#code:focus').waitFor();
    return { page, nodes: await spoken(page) };
  };

  it('goes from the heading over recipient, label, and hint to the field, and then to the way out', async () => {
    const { nodes } = await openCodePage(false);
    const names = nodes.map(({ name }) => name);
    const places = [
      ENGLISH.text('verify.title'),
      ENGLISH.text('verify.sentEnding.sms', { digits: '0123' }),
      ENGLISH.text('verify.hint', { length: 6, expiresIn: { seconds: 600 } }),
      ENGLISH.text('action.continue'),
      ENGLISH.text('verify.trouble'),
      ENGLISH.text('action.otherMethod'),
    ].map((name) => names.indexOf(name));
    assert.ok(!places.includes(-1), names.join('\n'));
    assert.deepEqual(
      places,
      [...places].sort((a, b) => a - b),
    );
  });

  it('focus is in the empty field after a wrong code, and its description begins with the error', async () => {
    const { page, nodes } = await openCodePage(true);
    assert.equal(await page.title(), `${ENGLISH.text('error.prefix')} ${ENGLISH.text('verify.title')}`);
    const [focused, ...others] = nodes.filter(({ isFocused }) => isFocused);
    assert.deepEqual(others, []);
    assert.ok(focused);
    assert.equal(focused.role, 'textbox');
    assert.equal(focused.name, ENGLISH.text('verify.label'));
    assert.equal(focused.value, '');
    assert.equal(focused.isInvalid, true);
    assert.ok(focused.description.startsWith(wrong), focused.description);
  });

  it('the error appears once, in an alert between the hint and the field', async () => {
    const { nodes } = await openCodePage(true);
    const errors = nodes.filter(({ role, name }) => role === 'StaticText' && name === wrong);
    assert.equal(errors.length, 1);
    const alert = nodes.findIndex(({ role }) => role === 'alert');
    const hint = nodes.findIndex(
      ({ name }) => name === ENGLISH.text('verify.hint', { length: 6, expiresIn: { seconds: 600 } }),
    );
    const field = nodes.findIndex(({ role }) => role === 'textbox');
    assert.ok(hint < alert && alert < field, nodes.map(({ role, name }) => `${role} ${name}`).join('\n'));
  });
});
