/** The floor with a code page written the usual way: `res.render` with nunjucks, and texts from i18next. */
import path from 'node:path';
import i18next from 'i18next';
import nunjucks from 'nunjucks';
import { createBaseApp, type User } from './base-app.js';
import { byHand } from './by-hand.js';
import type { Application } from './talk.js';
import en from './views/en.json';

const VIEWS = path.join(__dirname, 'views');
const CODE_LIFETIME_SECONDS = 600;
const RESEND_DELAY_SECONDS = 180;
const CODE_LENGTH = 6;

export async function rendered(): Promise<Application> {
  const base = await createBaseApp();
  const { app } = base;
  await i18next.init({
    fallbackLng: 'en',
    resources: { en: { translation: en } },
    // nunjucks escapes the texts.
    interpolation: { escapeValue: false },
  });
  nunjucks.configure(VIEWS, { autoescape: true, trimBlocks: true, lstripBlocks: true, express: app });
  app.set('view engine', 'njk');
  // Express enables it with NODE_ENV=production.
  app.enable('view cache');

  return byHand(base, {
    codePage: (req, res) => {
      const lang = req.acceptsLanguages(...i18next.languages) || 'en';
      const { phoneNumber } = req.user as User;
      const age = (Date.now() - (req.session.sentAt ?? 0)) / 1000;
      res.render('verify', {
        lang,
        t: i18next.getFixedT(lang),
        method: 'sms',
        ending: phoneNumber.slice(-4),
        codeLength: CODE_LENGTH,
        expiresInMinutes: Math.ceil((CODE_LIFETIME_SECONDS - age) / 60),
        resendAfterSeconds: Math.max(0, Math.ceil(RESEND_DELAY_SECONDS - age)),
      });
    },
    account: [(_req, res) => void res.send('verified')],
  });
}
