/**
 * `npm run release:check`: what a release lacks. The release workflow runs it first, and npm before each `npm publish`.
 * The addresses of the project are known to its owner only, so nothing else notices that they're missing.
 */
import { readFileSync } from 'node:fs';
import { releaseProblems } from './release-problems.mjs';

const problems = releaseProblems({
  manifest: JSON.parse(readFileSync('package.json', 'utf8')),
  changelog: readFileSync('CHANGELOG.md', 'utf8'),
  env: process.env,
});
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
else console.log('The release is complete.');
