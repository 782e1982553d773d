import type { DeviceRecord } from '../../store/factor-record.js';
import { type DeviceLabel, plainLabel } from '../events/device-label.js';

/** A device that isn't asked for a code. */
export interface RememberedDevice extends DeviceLabel {
  readonly id: string;
  /** English, such as "Firefox on Windows". In another language, use `browser` and `system`. */
  readonly label: string;
  readonly createdAt: Date;
  /** Precise to a day. */
  readonly lastUsedAt: Date;
  readonly expiresAt: Date;
}

/** Describes a device without what proves it. */
export function describeDevice(device: DeviceRecord): RememberedDevice {
  const { id, browser, system, createdAt, lastUsedAt, expiresAt } = device;
  return {
    id,
    label: plainLabel(device),
    ...(browser === undefined ? {} : { browser }),
    ...(system === undefined ? {} : { system }),
    createdAt: new Date(createdAt),
    lastUsedAt: new Date(lastUsedAt),
    expiresAt: new Date(expiresAt),
  };
}
