/**
 * The applications that `APPLICATIONS` names, in this order. Applications that are compared run in one process, so they
 * share its heap, its compiler, and its moment.
 */
import { type Application, talk } from './talk.js';

/** An application of the benchmark. */
export type ApplicationName = 'ours' | 'required' | 'base' | 'floor' | 'minimalStrategy' | 'rendered';

/** Each is loaded only if it runs, as loading one also loads the SDK, nunjucks, or i18next. */
const CREATE: Readonly<Record<ApplicationName, () => Promise<Application>>> = {
  ours: async () => (await import('./ours.js')).ours(),
  required: async () => (await import('./ours.js')).required(),
  // The `ours.ts` of another revision.
  base: async () => ((await import(process.env.BASE_SERVER ?? '')) as typeof import('./ours.js')).ours(),
  floor: async () => (await import('./floor.js')).floor(),
  minimalStrategy: async () => (await import('./minimal-strategy.js')).minimalStrategy(),
  rendered: async () => (await import('./rendered.js')).rendered(),
};

async function start(): Promise<void> {
  const urls: Record<string, string> = {};
  const answers: Application['answers'] = {};
  for (const name of (process.env.APPLICATIONS ?? '').split(',') as ApplicationName[]) {
    const application = await CREATE[name]();
    urls[name] = application.url;
    Object.assign(answers, application.answers);
  }
  talk(urls, answers);
}

void start();
