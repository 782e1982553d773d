/**
 * The applications that `APPLICATIONS` names, in this order. Two that are compared run in one process: so both meet the
 * same memory, the same compiler and the same moment.
 */
import { floor } from './floor.js';
import { ours } from './ours.js';
import { type Application, talk } from './talk.js';

const CREATE: Readonly<Record<string, () => Promise<Application>>> = { ours, floor };

async function start(): Promise<void> {
  const urls: Record<string, string> = {};
  const answers: Application['answers'] = {};
  for (const name of process.env.APPLICATIONS?.split(',') ?? []) {
    const application = await CREATE[name]?.();
    if (!application) throw new TypeError(`There is no application "${name}".`);
    urls[name] = application.url;
    Object.assign(answers, application.answers);
  }
  talk(urls, answers);
}

void start();
