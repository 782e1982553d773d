import type { Subject } from './build.js';
import { Connection } from './connection.js';
import { type Program, start } from './process.js';
import type { ApplicationName } from './servers/applications.js';
import { haveCodeSent, logIn } from './sign-in.js';

/** Environment variables of an application. */
export type Environment = Readonly<Record<string, string>>;

const CREDENTIALS = {
  TWILIO_ACCOUNT_SID: `AC${'0'.repeat(32)}`,
  TWILIO_AUTH_TOKEN: '0'.repeat(32),
  TWILIO_VERIFY_SERVICE_SID: `VA${'0'.repeat(32)}`,
};

/** Starts the Verify API that all applications call, and returns their environment. */
export async function startVerify(subject: Subject) {
  const verify = await start(subject.build, 'verify-stub');
  const env = { ...CREDENTIALS, TWILIO_VERIFY_BASE_URL: verify.ready.url };
  const ours = await startApplications(subject, ['ours'], env);
  const lengths = await lengthsOf(ours.ready.ours);
  await ours.stop();
  return { verify, env: { ...env, ...lengths } satisfies Environment };
}

/** Starts applications in one process, and returns their URLs. */
export function startApplications<N extends ApplicationName>(
  { build, base }: Subject,
  names: readonly N[],
  env: Environment,
  nodeOptions?: readonly string[],
): Promise<Program<Readonly<Record<N, string>>>> {
  const ofBase = base ? { BASE_SERVER: base.server('ours') } : {};
  return start(build, 'applications', { ...env, ...ofBase, APPLICATIONS: names.join() }, nodeOptions);
}

/** Lengths of the package's pages, for the constants that the floor serves. */
async function lengthsOf(url: string): Promise<Environment> {
  const connection = await Connection.open(url);
  const cookie = await logIn(connection);
  const startPage = await connection.get('/2fa', cookie);
  await haveCodeSent(connection, cookie);
  const codePage = await connection.get('/2fa/verify', cookie);
  connection.close();
  return { START_PAGE_LENGTH: String(startPage.length), CODE_PAGE_LENGTH: String(codePage.length) };
}
