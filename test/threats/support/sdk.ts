import type { VerifyEmulator } from 'passport-twilio-verify/emulator';
import twilio from 'twilio';
import type RequestClient from 'twilio/lib/base/RequestClient';

/** The SDK's own HTTP client, with the emulator instead of Twilio. */
class EmulatorClient extends twilio.RequestClient {
  baseUrl = '';

  override request<T>(options: RequestClient.RequestOptions<T>) {
    const { pathname, search } = new URL(options.uri);
    return super.request<T>({ ...options, uri: this.baseUrl + pathname + search });
  }
}

/** A value for the option `client`. Connect it once the example runs, because the example starts the emulator. */
export function sdkClient() {
  const httpClient = new EmulatorClient();
  // The emulator's default credentials.
  const client = twilio(`AC${'e0'.repeat(16)}`, 'emulator-auth-token', { httpClient });
  const connect = ({ url }: VerifyEmulator) => {
    httpClient.baseUrl = url;
  };
  return { client, connect };
}
