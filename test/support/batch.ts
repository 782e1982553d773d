/**
 * Runs test files in one process, as `tsx test/support/batch.ts FILE…`: loading Express, Twilio's SDK, and Ajv takes
 * longer than most files. Our own modules are loaded again for each file, so that no file meets the state that another
 * one left.
 */
import path from 'node:path';
import { describe } from 'node:test';
import { ROOT } from './run-tests.js';

/** It reads `docs/openapi.yaml` and compiles it, which is slow, and it keeps nothing else. */
const SHARED = path.join(ROOT, 'test', 'support', 'openapi.ts');
const DEPENDENCIES = path.join(ROOT, 'node_modules', path.sep);

for (const file of process.argv.slice(2)) {
  describe(file, () => {
    forgetOurModules();
    require(path.resolve(ROOT, file));
  });
}

function forgetOurModules(): void {
  for (const module of Object.keys(require.cache)) {
    const isOurs = module.startsWith(ROOT) && !module.startsWith(DEPENDENCIES);
    if (isOurs && module !== SHARED) delete require.cache[module];
  }
}
