import type { Build } from './build.js';
import { Connection } from './connection.js';
import { type Program, start } from './process.js';
import { haveCodeSent, logIn } from './sign-in.js';

/** What is measured, and what it is measured against. */
export type Name = 'ours' | 'floor';

/** What an application finds in its environment. */
export type Surroundings = Readonly<Record<string, string>>;

const CREDENTIALS = {
  TWILIO_ACCOUNT_SID: `AC${'0'.repeat(32)}`,
  TWILIO_AUTH_TOKEN: '0'.repeat(32),
  TWILIO_VERIFY_SERVICE_SID: `VA${'0'.repeat(32)}`,
};

/** Starts the Verify that ours and the floor call, and gives what they find in their environment. */
export async function startVerify(build: Build) {
  const verify = await start(build, 'verify-stub');
  const env = { ...CREDENTIALS, TWILIO_VERIFY_BASE_URL: verify.ready.url };
  const ours = await startApplications(build, ['ours'], env);
  const lengths = await lengthsOf(ours.ready.ours);
  await ours.stop();
  return { verify, env: { ...env, ...lengths } satisfies Surroundings };
}

/** Starts one application or both, in one process; gives their addresses. */
export function startApplications<N extends Name>(
  build: Build,
  names: readonly N[],
  env: Surroundings,
  nodeOptions?: readonly string[],
): Promise<Program<Readonly<Record<N, string>>>> {
  return start(build, 'applications', { ...env, APPLICATIONS: names.join() }, nodeOptions);
}

/** How long our pages are: as long the floor's are to be. */
async function lengthsOf(url: string): Promise<Surroundings> {
  const connection = await Connection.open(url);
  const cookie = await logIn(connection);
  const startPage = await connection.get('/2fa', cookie);
  await haveCodeSent(connection, cookie);
  const codePage = await connection.get('/2fa/verify', cookie);
  connection.close();
  return { START_PAGE_LENGTH: String(startPage.length), CODE_PAGE_LENGTH: String(codePage.length) };
}
