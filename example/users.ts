import { createHmac, randomBytes } from 'node:crypto';

/** A user of the example. Its password is in plain text: a real application keeps salted hashes. */
export interface User {
  readonly id: string;
  readonly username: string;
  readonly password: string;
}

/** Store of the users' phone numbers: a map, or Redis if several processes share it. */
export interface PhoneNumbers {
  get(userId: string): Promise<string | null | undefined> | string | undefined;
  set(userId: string, phoneNumber: string): unknown;
}

const USERS: readonly User[] = [
  { id: '1', username: 'alice', password: 'alice' },
  { id: '2', username: 'bob', password: 'bob' },
];

/** `alice` has a phone number. `bob` has none and registers one. */
export class Users {
  constructor(
    private readonly phoneNumbers: PhoneNumbers = new Map<string, string>(),
    private readonly alicePhoneNumber = '+12025550123',
    private readonly stampKey = randomBytes(32).toString('hex'),
  ) {}

  byId(id: string): User | undefined {
    return USERS.find((user) => user.id === id);
  }

  byUsername(username: string): User | undefined {
    return USERS.find((user) => user.username === username);
  }

  byPassword(username: string, password: string): User | undefined {
    return USERS.find((user) => user.username === username && user.password === password);
  }

  async phoneNumberOf({ id, username }: User): Promise<string | undefined> {
    const changed = await this.phoneNumbers.get(id);
    return changed ?? (username === 'alice' ? this.alicePhoneNumber : undefined);
  }

  async setPhoneNumber({ id }: User, phoneNumber: string): Promise<void> {
    await this.phoneNumbers.set(id, phoneNumber);
  }

  /**
   * Changes with the phone number, so that older sessions end. A keyed hash, because the session holds a digest of it. An
   * app with a users table keeps a random value there, and replaces it with each change of the password or the number.
   */
  async securityStampOf(user: User): Promise<string> {
    const phoneNumber = await this.phoneNumberOf(user);
    return createHmac('sha256', this.stampKey).update(`${user.id} ${phoneNumber}`).digest('base64url');
  }
}
