import { after, before, describe } from 'node:test';
import { APP } from './consumer-app.js';
import { testDeclarations } from './declaration-tests.js';
import { testModules } from './module-tests.js';
import { testRunners } from './runner-tests.js';
import { installPackage, type Project, sameVersion } from './support.js';
import { testTarball } from './tarball-tests.js';

const OURS = [
  'express',
  'passport',
  'express-session',
  '@types/express',
  '@types/passport',
  '@types/express-session',
  '@types/node',
];

/** Not among our own: nothing here is tested with them but that others can. Vitest 5 needs Node 22. */
const OTHERS = ['jest@30.5.2', 'supertest@7.3.2', 'vitest@4.1.12'];

// Packing and installing take longer than all else here: it is done once, for all.
describe('the packed package', () => {
  let project: Project;
  before(async () => {
    project = await installPackage([...OURS.map(sameVersion), ...OTHERS]);
    project.write('app.cjs', APP);
  });
  after(() => project?.remove());

  const given = () => project;
  testTarball(given);
  testModules(given);
  testDeclarations(given);
  testRunners(given);
});
