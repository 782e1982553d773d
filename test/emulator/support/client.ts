import twilio from 'twilio';
import type RequestClient from 'twilio/lib/base/RequestClient';
import type { VerifyEmulator } from '../../../src/emulator/index';
import { checkAnswer } from './description';

/**
 * Sends the SDK's requests to the emulator instead of Twilio, with the same path and body, and checks every answer
 * against Twilio's description.
 */
export class RedirectingClient extends twilio.RequestClient {
  constructor(private readonly baseUrl: string) {
    super();
  }

  override async request<T>(options: RequestClient.RequestOptions<T>) {
    const { pathname, search } = new URL(options.uri);
    const response = await super.request<T>({ ...options, uri: this.baseUrl + pathname + search });
    checkAnswer(options.method, pathname, response.statusCode, response.body);
    return response;
  }
}

/** Connects the official SDK to an emulator. */
export function connect(emulator: VerifyEmulator, authToken = emulator.authToken) {
  return twilio(emulator.accountSid, authToken, { httpClient: new RedirectingClient(emulator.url) });
}
