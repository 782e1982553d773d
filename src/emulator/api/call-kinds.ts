/** The kinds of call that a fault can be aimed at. `update` is the approval or cancellation of a verification. */
export type EmulatorCall = 'create' | 'check' | 'update' | 'fetch' | 'lookup' | 'service' | 'rateLimit';

/** Every kind of call. */
export const EMULATOR_CALLS: readonly EmulatorCall[] = [
  'create',
  'check',
  'update',
  'fetch',
  'lookup',
  'service',
  'rateLimit',
];
