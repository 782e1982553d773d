/**
 * The message in each language that Verify's default text has; `{name}` is the friendly name, `{code}` the code. The
 * wording is the emulator's own: what counts is that the language shows.
 */
export const MESSAGE_TEMPLATES: Readonly<Record<string, string>> = {
  af: 'Jou {name}-verifikasiekode is: {code}',
  ar: 'رمز التحقق الخاص بك من {name} هو: {code}',
  ca: 'El teu codi de verificació de {name} és: {code}',
  cs: 'Váš ověřovací kód pro {name} je: {code}',
  da: 'Din bekræftelseskode til {name} er: {code}',
  de: 'Dein {name}-Bestätigungscode lautet: {code}',
  el: 'Ο κωδικός επαλήθευσης {name} είναι: {code}',
  en: 'Your {name} verification code is: {code}',
  'en-GB': 'Your {name} verification code is: {code}',
  es: 'Tu código de verificación de {name} es: {code}',
  et: 'Sinu {name} kinnituskood on: {code}',
  fi: '{name}-vahvistuskoodisi on: {code}',
  fr: 'Votre code de vérification {name} est : {code}',
  he: 'קוד האימות שלך עבור {name} הוא: {code}',
  hi: 'आपका {name} सत्यापन कोड है: {code}',
  hr: 'Vaš {name} kontrolni kôd je: {code}',
  hu: 'Az Ön {name} ellenőrző kódja: {code}',
  id: 'Kode verifikasi {name} Anda adalah: {code}',
  it: 'Il tuo codice di verifica {name} è: {code}',
  ja: '{name} の認証コードは {code} です',
  ko: '{name} 인증 코드는 {code} 입니다',
  lt: 'Jūsų {name} patvirtinimo kodas: {code}',
  ms: 'Kod pengesahan {name} anda ialah: {code}',
  nb: 'Din bekreftelseskode for {name} er: {code}',
  nl: 'Je verificatiecode voor {name} is: {code}',
  pl: 'Twój kod weryfikacyjny {name} to: {code}',
  pt: 'O seu código de verificação {name} é: {code}',
  'pt-BR': 'Seu código de verificação do {name} é: {code}',
  ro: 'Codul tău de verificare {name} este: {code}',
  ru: 'Ваш код подтверждения {name}: {code}',
  sk: 'Váš overovací kód pre {name} je: {code}',
  sv: 'Din verifieringskod för {name} är: {code}',
  th: 'รหัสยืนยัน {name} ของคุณคือ: {code}',
  tl: 'Ang iyong {name} verification code ay: {code}',
  tr: '{name} doğrulama kodunuz: {code}',
  uk: 'Ваш код підтвердження {name}: {code}',
  vi: 'Mã xác minh {name} của bạn là: {code}',
  zh: '您的 {name} 验证码是:{code}',
  'zh-CN': '您的 {name} 验证码是:{code}',
  'zh-HK': '您的 {name} 驗證碼是:{code}',
  'zh-TW': '您的 {name} 驗證碼為:{code}',
};

const BY_LOWER_CASE = new Map(Object.keys(MESSAGE_TEMPLATES).map((locale) => [locale.toLowerCase(), locale]));

/** The language that a locale asks for, in its usual spelling (`pt_br` is `pt-BR`); nothing for one without a text. */
export function findLocale(locale: string): string | undefined {
  return BY_LOWER_CASE.get(locale.toLowerCase().replace('_', '-'));
}

/** The language that Verify picks by the country of a phone number if the create names none. */
const LOCALE_BY_COUNTRY: Readonly<Record<string, string>> = Object.fromEntries(
  (
    'ar:AE,BH,DZ,EG,IQ,JO,KW,LB,LY,MA,OM,PS,QA,SA,SD,SY,TN,YE ca:AD cs:CZ da:DK,GL de:AT,CH,DE,LI el:CY,GR en-GB:GB ' +
    'es:AR,BO,CL,CO,CR,CU,DO,EC,ES,GQ,GT,HN,MX,NI,PA,PE,PY,SV,UY,VE et:EE fi:FI fr:BE,FR,GA,GF,GP,LU,MC,MQ,RE,SN he:IL ' +
    'hi:IN hr:HR hu:HU id:ID it:IT,SM ja:JP ko:KR lt:LT ms:MY nb:NO nl:NL,SR pl:PL pt:AO,MZ,PT pt-BR:BR ro:MD,RO ' +
    'ru:BY,KG,RU sk:SK sv:SE th:TH tl:PH tr:TR uk:UA vi:VN zh-CN:CN zh-HK:HK,MO zh-TW:TW'
  )
    .split(' ')
    .flatMap((group) => {
      const [locale = 'en', countries = ''] = group.split(':');
      return countries.split(',').map((country) => [country, locale] as const);
    }),
);

/** The language that a number of this country is written to in. */
export function localeOfCountry(country: string | undefined): string {
  return (country === undefined ? undefined : LOCALE_BY_COUNTRY[country]) ?? 'en';
}
