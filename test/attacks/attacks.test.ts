/**
 * The attacks T26, T27, T29, and T30 on each framework with each kind of session store. `npm test` runs this file with
 * Express 5 and with Express 4. Fastify, which has none of our pages, runs with the first of them.
 */
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Attack } from './support/attack.js';
import { startExpressSite } from './support/express-site.js';
import { startFastifySite } from './support/fastify-site.js';
import { SHARED_STATE } from './support/shared-state.js';
import type { Site } from './support/site.js';
import { type AttackedStore, STORES } from './support/stores.js';
import { UNBOUNDED } from './support/unbounded.js';
import { UNCHECKED_HELP } from './support/unchecked-help.js';
import { UNREADABLE } from './support/unreadable.js';

const ATTACKS: readonly Attack[] = [...UNREADABLE, ...UNBOUNDED, ...UNCHECKED_HELP, ...SHARED_STATE];

const { version } = require(path.join(path.dirname(require.resolve('express')), 'package.json')) as { version: string };
const [express] = version.split('.');

interface Framework {
  readonly name: string;
  readonly start: (store: AttackedStore) => Promise<Site>;
  readonly hasPages: boolean;
}

const EXPRESS: Framework = { name: `Express ${express}`, start: startExpressSite, hasPages: true };
const FASTIFY: Framework = { name: 'Fastify', start: startFastifySite, hasPages: false };

for (const { name, open } of STORES) {
  describe(`attacks with ${name}`, () => {
    let store: AttackedStore;
    before(async () => {
      store = await open();
    });
    after(() => store.close());

    for (const framework of express === '4' ? [EXPRESS] : [EXPRESS, FASTIFY]) {
      describe(`on ${framework.name}`, () => {
        let site: Site;
        before(async () => {
          site = await framework.start(store);
        });

        for (const attack of ATTACKS.filter(({ needsPages }) => framework.hasPages || !needsPages)) {
          it(`${attack.threat}: ${attack.name}, on ${framework.name} with ${name}`, () => attack.run(site));
        }
      });
    }
  });
}
