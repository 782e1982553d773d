import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { twilioLocaleOf } from '../../../src/twilio/locale.js';

describe('twilioLocaleOf', () => {
  // Twilio writes Filipino with its old code, which `Intl.Locale` turns into the new one.
  const cases = [
    { locale: 'en', twilio: 'en' },
    { locale: 'en-GB', twilio: 'en-GB' },
    { locale: 'en-gb', twilio: 'en-GB' },
    { locale: 'en-US', twilio: 'en' },
    { locale: 'de-AT', twilio: 'de' },
    { locale: 'pt', twilio: 'pt' },
    { locale: 'pt-BR', twilio: 'pt-BR' },
    { locale: 'pt-PT', twilio: 'pt' },
    { locale: 'nb', twilio: 'nb' },
    { locale: 'no', twilio: 'nb' },
    { locale: 'no-NO', twilio: 'nb' },
    { locale: 'zh', twilio: 'zh' },
    { locale: 'zh-CN', twilio: 'zh-CN' },
    { locale: 'zh-SG', twilio: 'zh-CN' },
    { locale: 'zh-Hans', twilio: 'zh-CN' },
    { locale: 'zh-TW', twilio: 'zh-HK' },
    { locale: 'zh-HK', twilio: 'zh-HK' },
    { locale: 'zh-Hant', twilio: 'zh-HK' },
    { locale: 'zh-Hant-TW', twilio: 'zh-HK' },
    { locale: 'ar-EG-u-nu-arab', twilio: 'ar' },
    { locale: 'tl', twilio: 'tl' },
    { locale: 'fil-PH', twilio: 'tl' },
    { locale: 'eu', twilio: undefined },
    { locale: 'tlh', twilio: undefined },
  ];
  for (const { locale, twilio } of cases) {
    it(`${locale} is ${twilio ?? 'none of Twilio’s: it then takes the language of the country'}`, () => {
      assert.equal(twilioLocaleOf(locale), twilio);
    });
  }
});
