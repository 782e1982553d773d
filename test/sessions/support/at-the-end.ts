import { after } from 'node:test';

const ends: (() => Promise<unknown>)[] = [];

// Of the whole file: what is started in a hook must outlive that hook.
after(async () => {
  for (const end of ends) await end();
});

/** Runs something at the end of the test file. */
export function atTheEnd(end: () => Promise<unknown>): void {
  ends.push(end);
}
