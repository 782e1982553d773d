import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ShippedLocales } from '../../../src/texts/locales.js';
import { TextLibrary } from '../../../src/texts/texts.js';
import { textLibrary } from '../../support/texts.js';

/** Languages of the tests' own, so that they do not depend on those that there are by now. */
const LOCALES: Readonly<Record<string, Record<string, string>>> = {
  en: {
    hello: 'Hello',
    only: 'Only in English',
    sent: 'sent to {to}',
    left: '{count, plural, one {# try} other {# tries}}',
    markup: '<b>{to}</b>',
    wait: 'Wait {wait}.',
    'advice.support': 'Ask.',
    'refusal.locked': 'Locked.',
    'refusal.code_wrong': 'Wrong, {attemptsLeft, plural, one {# try} other {# tries}} left.',
  },
  de: { hello: 'Hallo' },
  ar: { hello: 'مرحبا' },
  he: { hello: 'שלום' },
  'pt-BR': { hello: 'Olá' },
  'zh-Hans': { hello: '你好，简体' },
  'zh-Hant': { hello: '你好，繁體' },
};

describe('texts', () => {
  const library = ({ en = {}, ...others }: typeof LOCALES = LOCALES) =>
    new TextLibrary({}, new ShippedLocales(() => ({ english: en, unpackLanguages: () => others })));
  const texts = library();

  describe('the language', () => {
    const cases = [
      { header: undefined, language: 'en' },
      { header: '', language: 'en' },
      { header: '*', language: 'en' },
      { header: 'de', language: 'de' },
      { header: 'de-AT', language: 'de' },
      { header: 'DE-at', language: 'de' },
      { header: 'fr', language: 'en' },
      { header: 'fr, de;q=0.5', language: 'de' },
      { header: 'de;q=0.1, ar;q=0.9', language: 'ar' },
      { header: 'de;q=0, ar', language: 'ar' },
      { header: 'pt', language: 'pt-BR' },
      { header: 'pt-PT', language: 'pt-BR' },
      { header: 'zh-TW', language: 'zh-Hant' },
      { header: 'zh-HK', language: 'zh-Hant' },
      { header: 'zh-Hant-TW', language: 'zh-Hant' },
      { header: 'zh-CN', language: 'zh-Hans' },
      { header: 'zh-SG', language: 'zh-Hans' },
      { header: 'zh', language: 'zh-Hans' },
      { header: 'en-GB, de', language: 'en' },
      { header: 'not a header at all', language: 'en' },
      { header: '../../../etc/passwd', language: 'en' },
      { header: 'constructor, __proto__, de', language: 'de' },
      { header: 'x'.repeat(10_000), language: 'en' },
    ];
    for (const { header, language } of cases) {
      it(`Accept-Language ${JSON.stringify(header)?.slice(0, 40)} selects ${language}`, () => {
        assert.equal(texts.negotiate(header), language);
      });
    }

    it('a locale that the application names selects a language the same way', () => {
      assert.equal(texts.for('zh-TW').language, 'zh-Hant');
      assert.equal(texts.for('fr').language, 'en');
      assert.equal(texts.for('no locale').language, 'en');
    });

    it('Chinese in one script is not selected for readers of the other', () => {
      const { 'zh-Hant': _, ...others } = LOCALES;
      const changed = library(others);
      assert.equal(changed.negotiate('zh-TW'), 'en');
      assert.equal(changed.negotiate('zh-TW, de'), 'de');
      assert.equal(changed.negotiate('zh-CN'), 'zh-Hans');
    });
  });

  describe('a text', () => {
    it('a text is in its language, and in English if the language lacks it', () => {
      assert.equal(texts.for('de').text('hello'), 'Hallo');
      assert.equal(texts.for('de').text('only'), 'Only in English');
    });

    it('a text contains its values, and counts', () => {
      assert.equal(texts.for('en').text('sent', { to: '•••• 0123' }), 'sent to •••• 0123');
      assert.equal(texts.for('en').text('left', { count: 1 }), '1 try');
      assert.equal(texts.for('en').text('left', { count: 3 }), '3 tries');
    });

    it('takes markup for text: escaping is the template’s', () => {
      assert.equal(texts.for('en').text('markup', { to: '<i>' }), '<b><i></b>');
    });

    it('a text that does not exist causes an error that names it', () => {
      assert.throws(() => texts.for('de').text('nowhere'), /"nowhere"/);
    });
  });

  it('Arabic and Hebrew run from right to left', () => {
    assert.equal(texts.for('ar').direction, 'rtl');
    assert.equal(texts.for('he').direction, 'rtl');
    assert.equal(texts.for('de').direction, 'ltr');
    assert.equal(texts.for('zh-Hans').direction, 'ltr');
  });

  describe('a length of time', () => {
    const cases = [
      { seconds: 0, words: '0 seconds' },
      { seconds: 0.2, words: '1 second' },
      { seconds: 1, words: '1 second' },
      { seconds: 89.5, words: '90 seconds' },
      { seconds: 90, words: '2 minutes' },
      { seconds: 121, words: '3 minutes' },
      { seconds: 600, words: '10 minutes' },
      { seconds: 5399, words: '90 minutes' },
      { seconds: 5400, words: '2 hours' },
      { seconds: 86_400, words: '24 hours' },
    ];
    for (const { seconds, words } of cases) {
      it(`${seconds} seconds read as ${words}: never too short`, () => {
        assert.equal(texts.for('en').duration(seconds), words);
      });
    }

    it('a duration is in the language of the page', () => {
      assert.equal(texts.for('de').duration(180), '3 Minuten');
    });
  });

  describe('a refusal', () => {
    it('says why, and when to try again', () => {
      const { refusal } = texts.for('en');
      assert.equal(refusal({ type: 'refused', code: 'code_wrong', attemptsLeft: 1 }), 'Wrong, 1 try left.');
      assert.equal(refusal({ type: 'refused', code: 'locked', retryAfterSeconds: 900 }), 'Locked. Wait 15 minutes.');
    });

    it('says whom to ask where waiting does not help', () => {
      const { refusal } = texts.for('en');
      assert.equal(
        refusal({ type: 'refused', code: 'locked', retryAfterSeconds: Number.POSITIVE_INFINITY }),
        'Locked. Ask.',
      );
    });

    it('says what the application says, if it does', () => {
      const { refusal } = texts.for('en');
      assert.equal(refusal({ type: 'refused', code: 'refused_by_app', message: 'Closed.' }), 'Closed.');
    });
  });
});

describe('the texts that come with the package', () => {
  for (const language of ['ja', 'zh-Hans', 'zh-Hant']) {
    it(`join two sentences in ${language} without a space`, () => {
      const told = textLibrary().for(language).refusal({ type: 'refused', code: 'locked', retryAfterSeconds: 900 });
      assert.match(told, /。\S+15/);
    });
  }

  it('the included texts are in English by default', () => {
    const library = textLibrary();
    assert.equal(library.negotiate(undefined), 'en');
    assert.equal(library.for(library.negotiate('xx')).language, 'en');
  });

  it('the application can add a language, with English for the texts that it leaves out', () => {
    const library = textLibrary({ eo: { 'verify.title': 'Entajpu la kodon' } });
    assert.equal(library.negotiate('eo, en;q=0.5'), 'eo');
    assert.equal(library.for('eo').text('verify.title'), 'Entajpu la kodon');
    assert.equal(library.for('eo').text('action.cancel'), library.for('en').text('action.cancel'));
  });

  it('keep a sentence in one language if a language has only some texts', () => {
    const library = textLibrary({ eo: { 'verify.hint': 'Tajpu.', 'refusal.locked': 'Ŝlosita.' } });
    const texts = library.for('eo');
    const english = library.for('en');
    const wait = { wait: { seconds: 600 } };
    assert.equal(texts.typeset('verify.resendLater', wait), 'You can resend the code in 10 minutes.');
    assert.equal(texts.text('action.continue'), 'Continue');
    assert.equal(texts.text('refusal.locked'), 'Ŝlosita.');
    const locked = { type: 'refused', code: 'locked', retryAfterSeconds: 900 } as const;
    assert.equal(texts.refusal(locked), english.refusal(locked));
    const refused = { type: 'refused', code: 'country_refused', allowedCountries: ['DE', 'FR'] } as const;
    assert.match(texts.refusal(refused), /France and Germany/);
  });

  it('write values as the language of the text does, not as the language of the page', () => {
    const texts = textLibrary({ eo: { 'verify.resendLater': 'Post {wait}.' } }).for('eo');
    const minutes = new Intl.NumberFormat('eo', { style: 'unit', unit: 'minute', unitDisplay: 'long' }).format(10);
    assert.equal(texts.text('verify.resendLater', { wait: { seconds: 600 } }), `Post ${minutes}.`);
    assert.equal(texts.text('wait', { wait: { seconds: 600 } }), 'Try again in 10 minutes.');
  });

  it('take what a regional language lacks from its language', () => {
    const library = textLibrary({ 'de-CH': { 'action.cancel': 'Abbruch' } });
    assert.equal(library.for('de-CH').language, 'de-CH');
    assert.equal(library.for('de-CH').text('action.cancel'), 'Abbruch');
    assert.equal(library.for('de-CH').text('action.continue'), library.for('de').text('action.continue'));
    assert.match(library.for('de-CH').text('wait', { wait: { seconds: 600 } }), /10 Minuten/);
  });

  it('do not turn values around in English text on a page from right to left', () => {
    const texts = textLibrary({ ur: { 'action.cancel': 'منسوخ کریں' } }).for('ur');
    assert.equal(texts.direction, 'rtl');
    assert.equal(texts.typeset('verify.sent.sms', { to: '+1 202' }), 'We texted your code to +1\u00a0202.');
  });

  it('the application can replace single texts', () => {
    const library = textLibrary({ en: { 'verify.title': 'Your code' } });
    assert.equal(library.for('en').text('verify.title'), 'Your code');
    assert.equal(library.for('en').text('action.cancel'), textLibrary().for('en').text('action.cancel'));
  });

  it('name a key that no page has', () => {
    assert.throws(() => textLibrary({ en: { 'verify.titel': 'x' } }), /strings.*verify\.titel/);
  });
});
