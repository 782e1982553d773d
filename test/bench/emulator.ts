/**
 * Measures the emulator's speed and memory: `npm run bench:emulator`. It exits with 1 if the emulator is too slow or
 * keeps too much.
 *
 * The emulator runs in its own process and the caller in this one, so both use a core. Each pair is a create and the
 * check that approves it, over kept-alive connections.
 */
import { fork } from 'node:child_process';
import { Agent, request } from 'node:http';
import { startVerifyEmulator } from '../../src/emulator/index';

const SECONDS = 5;
const CONNECTIONS = 32;
const VERIFICATIONS = 100_000;

/** Limits on two cores. */
const WANTED = { pairsPerSecond: 1_500, megabytesMore: 20 } as const;

/** A message to the emulator's process. */
type Question = 'memory' | 'expire';

/** In megabytes. */
interface Memory {
  readonly heap: number;
  readonly resident: number;
}

const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });

async function serve(): Promise<void> {
  const emulator = await startVerifyEmulator();
  process.on('message', async (question: Question) => {
    if (question === 'expire') emulator.clock.advance(600_000);
    // Collect twice, as the first collection only runs finalizers.
    for (let times = 0; times < 2; times += 1) {
      globalThis.gc?.();
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    const { heapUsed, external, rss } = process.memoryUsage();
    process.send?.({ heap: (heapUsed + external) / 2 ** 20, resident: rss / 2 ** 20 } satisfies Memory);
  });
  process.on('disconnect', () => process.exit());
  const { url, accountSid, authToken, serviceSid } = emulator;
  process.send?.({ url, accountSid, authToken, serviceSid });
}

async function measure(): Promise<void> {
  const server = fork(__filename, ['serve'], { execArgv: ['--expose-gc', '--import', 'tsx'] });
  const next = <Answer>() =>
    new Promise<Answer>((resolve) => server.once('message', (answer) => resolve(answer as Answer)));
  const ask = <Answer>(question: Question) => {
    server.send(question);
    return next<Answer>();
  };
  const started = await next<{ url: string; accountSid: string; authToken: string; serviceSid: string }>();
  const post = createPost(started);

  await runPairs(post, 1);
  const pairs = await runPairs(post, SECONDS);
  console.log(`creates + checks a second: ${Math.round(pairs / SECONDS)}`);

  const before = await ask<Memory>('memory');
  let sent = 0;
  await together(async () => {
    while (sent < VERIFICATIONS) {
      sent += 1;
      await post('Verifications', { To: numberOf(1_000_000 + sent), Channel: 'sms' });
    }
  });
  const full = await ask<Memory>('memory');
  const after = await ask<Memory>('expire');
  const show = ({ heap, resident }: Memory) => `${heap.toFixed(1)} MB used, ${resident.toFixed(1)} MB resident`;
  console.log(`memory at the start:                    ${show(before)}`);
  console.log(`with ${VERIFICATIONS} verifications pending:   ${show(full)}`);
  console.log(`when all of them have expired:          ${show(after)}`);
  console.log(`more than at the start:                 ${(after.heap - before.heap).toFixed(1)} MB used`);
  const isSlow = pairs / SECONDS < WANTED.pairsPerSecond;
  const isLarge = after.heap - before.heap > WANTED.megabytesMore;
  if (isSlow || isLarge) process.exitCode = 1;
  server.disconnect();
  agent.destroy();
}

/** Returns the pairs done in this many seconds. The caller sets the code, so it doesn't have to read it. */
async function runPairs(post: Post, seconds: number): Promise<number> {
  await post('', { CustomCodeEnabled: 'true' });
  const end = performance.now() + seconds * 1_000;
  let started = 0;
  let done = 0;
  await together(async () => {
    while (performance.now() < end) {
      started += 1;
      const to = numberOf(started);
      await post('Verifications', { To: to, Channel: 'sms', CustomCode: '482913' });
      const answer = await post('VerificationCheck', { To: to, Code: '482913' });
      if (!answer.includes('"approved"')) throw new Error(`not approved: ${answer}`);
      done += 1;
    }
  });
  return done;
}

type Post = (path: string, form: Readonly<Record<string, string>>) => Promise<string>;

function createPost({ url, accountSid, authToken, serviceSid }: Readonly<Record<string, string>>): Post {
  const base = `${url}/v2/Services/${serviceSid}`;
  const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
  const options = { method: 'POST', agent, auth: `${accountSid}:${authToken}` };
  return (path, form) =>
    new Promise((resolve, reject) => {
      const body = new URLSearchParams(form).toString();
      const asked = request(path === '' ? base : `${base}/${path}`, {
        ...options,
        headers: { ...headers, 'Content-Length': body.length },
      });
      asked.on('error', reject).on('response', (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk) => {
          text += chunk;
        });
        response.on('end', () => resolve(text));
      });
      asked.end(body);
    });
}

async function together(work: () => Promise<void>): Promise<void> {
  await Promise.all(Array.from({ length: CONNECTIONS }, work));
}

function numberOf(index: number): string {
  return `+1202${2_000_000 + index}`;
}

void (process.argv[2] === 'serve' ? serve() : measure());
