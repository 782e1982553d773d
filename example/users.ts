/** A user of the example. Passwords stand here in clear: a real application keeps salted hashes. */
export interface User {
  readonly id: string;
  readonly username: string;
  readonly password: string;
}

/** Where the users' telephone numbers are: a map, or Redis where there are several processes. */
export interface PhoneNumbers {
  get(userId: string): Promise<string | null | undefined> | string | undefined;
  set(userId: string, phoneNumber: string): unknown;
}

const USERS: readonly User[] = [
  { id: '1', username: 'alice', password: 'alice' },
  { id: '2', username: 'bob', password: 'bob' },
];

/** `alice` has a telephone number, `bob` has none and registers one. */
export class Users {
  constructor(
    private readonly phoneNumbers: PhoneNumbers = new Map<string, string>(),
    private readonly alicePhoneNumber = '+12025550123',
  ) {}

  byId(id: string): User | undefined {
    return USERS.find((user) => user.id === id);
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
}
