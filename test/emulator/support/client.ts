import twilio from 'twilio';
import type RequestClient from 'twilio/lib/base/RequestClient';
import type { VerifyEmulator } from '../../../src/emulator/index';
import { checkAnswer } from './description';

/**
 * Sends what the SDK would send to Twilio to the emulator, path and body untouched, and holds every answer against
 * Twilio's description.
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

/** The official SDK, talking to an emulator. */
export function connect(emulator: VerifyEmulator, authToken = emulator.authToken) {
  return twilio(emulator.accountSid, authToken, { httpClient: new RedirectingClient(emulator.url) });
}
