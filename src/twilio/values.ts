/** Kinds of line, as Twilio Lookup names them. */
export const LINE_TYPES = [
  'mobile',
  'landline',
  'fixedVoip',
  'nonFixedVoip',
  'personal',
  'tollFree',
  'premium',
  'sharedCost',
  'uan',
  'voicemail',
  'pager',
  'unknown',
] as const;

/** See {@link LINE_TYPES}. */
export type LineType = (typeof LINE_TYPES)[number];

/** Whether Twilio's fraud guard judges a send. */
export const RISK_CHECKS = ['enable', 'disable'] as const;

/** See {@link RISK_CHECKS}. */
export type RiskCheck = (typeof RISK_CHECKS)[number];
