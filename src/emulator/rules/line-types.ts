import { findMagicNumber } from '../faults/magic-numbers.js';

/** The line of a phone number. */
export interface LineType {
  /** One of Twilio's line types: `mobile`, `landline`, `tollFree`, … */
  readonly type: string;
  readonly carrierName: string;
  /** Of mobile lines; empty for others, since Twilio's description has these as texts that are never null. */
  readonly mobileCountryCode: string;
  readonly mobileNetworkCode: string;
}

/** The line of a number: a mobile one, but for the magic numbers that are something else. */
export function findLineType(number: string): LineType {
  const type = findMagicNumber(number)?.lineType ?? 'mobile';
  const isMobile = type === 'mobile';
  return {
    type,
    carrierName: isMobile ? 'Emulated Mobile' : 'Emulated Telephone Company',
    // 001-01 is the network that the numbering plan keeps for tests.
    mobileCountryCode: isMobile ? '001' : '',
    mobileNetworkCode: isMobile ? '01' : '',
  };
}
