/** The parts of `package.json` that a release needs. */
export interface Manifest {
  readonly version: string;
  readonly homepage?: string;
  readonly bugs?: string | { readonly url?: string };
  readonly repository?: string | { readonly url?: string };
}

/** The sources of a release. */
export interface ReleaseSources {
  readonly manifest: Manifest;
  readonly changelog: string;
  /** GitHub sets the tag and the repository. Without them, they aren't compared. */
  readonly env: NodeJS.ProcessEnv;
}

/** Returns what a release lacks, one sentence each. */
export function releaseProblems({ manifest, changelog, env }: ReleaseSources): string[] {
  const { version, homepage } = manifest;
  const bugs = urlOf(manifest.bugs);
  const repository = urlOf(manifest.repository);
  const { GITHUB_REF_TYPE, GITHUB_REF_NAME, GITHUB_REPOSITORY } = env;
  const checks: readonly (readonly [boolean, string])[] = [
    [isWebAddress(homepage), 'package.json needs "homepage": the address of the documentation.'],
    [isWebAddress(bugs), 'package.json needs "bugs": the address of the issues.'],
    [
      isWebAddress(repository?.replace(/^git\+/, '')),
      'package.json needs "repository": { "type": "git", "url": "git+https://…" }.',
    ],
    [
      !repository || !GITHUB_REPOSITORY || pathOf(repository) === GITHUB_REPOSITORY,
      `package.json has another "repository" than ${GITHUB_REPOSITORY}: npm would reject the provenance.`,
    ],
    [
      GITHUB_REF_TYPE !== 'tag' || GITHUB_REF_NAME === `v${version}`,
      `The tag ${GITHUB_REF_NAME} doesn't match the version in package.json: ${version}.`,
    ],
    [
      new RegExp(`^## \\[${literally(version)}\\] - \\d{4}-\\d{2}-\\d{2}$`, 'm').test(changelog),
      `CHANGELOG.md needs a heading with the date of the release: ## [${version}] - YYYY-MM-DD.`,
    ],
    [
      new RegExp(`^\\[${literally(version)}\\]: https://\\S+$`, 'm').test(changelog),
      `CHANGELOG.md needs the address of the release at its end: [${version}]: https://….`,
    ],
  ];
  return checks.filter(([isRight]) => !isRight).map(([, problem]) => problem);
}

function urlOf(field: string | { readonly url?: string } | undefined): string | undefined {
  return typeof field === 'object' ? field.url : field;
}

function isWebAddress(value: string | undefined): boolean {
  return value !== undefined && URL.canParse(value) && new URL(value).protocol === 'https:';
}

/** `owner/name` of a repository's address. */
function pathOf(url: string): string {
  return url.replace(/^.*:\/\/[^/]+\//, '').replace(/\.git$/, '');
}

function literally(text: string): string {
  return text.replace(/[.+]/g, '\\$&');
}
