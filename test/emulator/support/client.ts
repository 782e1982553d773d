import twilio from 'twilio';
import type { VerifyEmulator } from '../../../src/emulator/index';

/** Sends what the SDK would send to Twilio to the emulator, path and body untouched. */
export class RedirectingClient extends twilio.RequestClient {
  constructor(private readonly baseUrl: string) {
    super();
  }

  override request<T>(options: Parameters<twilio.RequestClient['request']>[0]) {
    const { pathname, search } = new URL(options.uri);
    return super.request<T>(Object.assign({}, options, { uri: this.baseUrl + pathname + search }));
  }
}

/** The official SDK, talking to an emulator. */
export function connect(emulator: VerifyEmulator, authToken = emulator.authToken) {
  return twilio(emulator.accountSid, authToken, { httpClient: new RedirectingClient(emulator.url) });
}
