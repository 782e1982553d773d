/** `npm run docs`: the guides and the API reference as one site, in the folder `site`. A broken link is an error. */
import { buildSite } from './site.mjs';

const { problems } = await buildSite('site');
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
else console.log('The documentation is in site/index.html.');
