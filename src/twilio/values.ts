/** A kind of line, as Twilio Lookup names it. */
export type LineType =
  | 'mobile'
  | 'landline'
  | 'fixedVoip'
  | 'nonFixedVoip'
  | 'personal'
  | 'tollFree'
  | 'premium'
  | 'sharedCost'
  | 'uan'
  | 'voicemail'
  | 'pager'
  | 'unknown';

/** All of them. */
export const LINE_TYPES: readonly LineType[] = [
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
];

/** Whether Twilio's Fraud Guard checks a send. */
export type RiskCheck = 'enable' | 'disable';

/** Both of them. */
export const RISK_CHECKS: readonly RiskCheck[] = ['enable', 'disable'];
