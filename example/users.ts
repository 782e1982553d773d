/** A user of the example. Passwords stand here in clear: a real application keeps salted hashes. */
export interface User {
  readonly id: string;
  readonly username: string;
  readonly password: string;
  phoneNumber?: string;
}

/** The users, in memory: `alice` has a number, `bob` has none and registers one. */
export class Users {
  private readonly users: readonly User[];

  constructor(alicePhoneNumber = '+12025550123') {
    this.users = [
      { id: '1', username: 'alice', password: 'alice', phoneNumber: alicePhoneNumber },
      { id: '2', username: 'bob', password: 'bob' },
    ];
  }

  byId(id: string): User | undefined {
    return this.users.find((user) => user.id === id);
  }

  byPassword(username: string, password: string): User | undefined {
    return this.users.find((user) => user.username === username && user.password === password);
  }

  setPhoneNumber(id: string, phoneNumber: string): void {
    const user = this.byId(id);
    if (user) user.phoneNumber = phoneNumber;
  }
}
