import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Request } from 'express';
import { codeLengthSetting } from '../../../src/options/code-length.js';
import { OptionReader } from '../../../src/options/option-reader.js';
import type { TwilioVerifyStrategyOptions } from '../../../src/options/options.js';

type Options = Pick<TwilioVerifyStrategyOptions<string>, 'codeLength'>;

const context = { user: 'ann', req: {} as Request, purpose: 'signIn' } as const;

it('a callback that returns fewer than 6 digits causes a warning when it is called', async () => {
  const warned: string[] = [];
  const keep = (warning: Error & { code?: string }) => void warned.push(warning.code ?? '');
  process.on('warning', keep);
  try {
    const options: Options = { codeLength: ({ purpose }) => (purpose === 'signIn' ? 5 : undefined) };
    const setting = codeLengthSetting<string>(new OptionReader<Options>(options), options.codeLength);
    await new Promise(setImmediate);
    assert.deepEqual(warned, []);
    assert.equal(await setting({ ...context, purpose: 'change' }), undefined);
    assert.equal(await setting(context), 5);
    await new Promise(setImmediate);
    assert.deepEqual(warned, ['TWILIO_VERIFY_CODE_LENGTH']);
  } finally {
    process.off('warning', keep);
  }
});
