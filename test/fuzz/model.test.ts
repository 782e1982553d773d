import { after, before, describe, it, mock } from 'node:test';
import fc from 'fast-check';
import type { TestApp } from '../support/test-app.js';
import { steps } from './support/model-commands.js';
import { startModelApp, startRun } from './support/model-site.js';
import { SecondStepModel } from './support/second-step-model.js';
import { report, seeds } from './support/seeds.js';

const RUNS = 100;
const STEPS = 40;

describe('random steps of two users in three browsers', () => {
  let app: TestApp;
  before(async () => {
    mock.timers.enable({ apis: ['Date'], now: Date.UTC(2026, 0, 1) });
    app = await startModelApp();
  });
  after(() => mock.timers.reset());

  for (const { name, seed } of seeds()) {
    it(`do what the model says, with ${name}`, async () => {
      const property = fc.asyncProperty(
        fc.commands([...steps], { maxCommands: STEPS, size: 'max' }),
        async (commands) => {
          // New users in all but name: what was counted of the last ones is a year old.
          mock.timers.tick(366 * 86_400_000);
          app.users.set('ann', { id: 'ann', phone: '+12025550161' });
          app.users.set('ben', { id: 'ben' });
          await Promise.all(['ann', 'ben'].map((id) => app.strategy.unlock(id)));
          const { run, stop } = await startRun(app);
          try {
            const model = new SecondStepModel({ ann: '+12025550161', ben: undefined });
            await fc.asyncModelRun(() => ({ model, real: run }), commands);
          } finally {
            stop();
          }
        },
      );
      await fc.assert(property, {
        seed,
        numRuns: RUNS / seeds().length,
        asyncReporter: async (done) => report(done, true),
      });
    });
  }
});
