import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { DeclarationReflection, ProjectReflection } from 'typedoc';
import { allGuides } from './support/markdown.js';

/** Interfaces that are tables: a row per option or event, whose meaning and default only its comment holds. */
const TABLES = ['TwilioVerifyStrategyOptions', 'LimitOptions', 'TwilioVerifyEvents', 'VerifyEmulatorOptions'];

/** Options without a default value: their comments describe what happens without them. */
const WITHOUT_DEFAULT = ['client', 'storePhoneNumber'];

describe('the documentation site', () => {
  const out = mkdtempSync(path.join(os.tmpdir(), 'site-'));
  let reference: ProjectReflection;
  let problems: readonly string[];
  before(async () => {
    const { buildSite } = await import('../../scripts/site.mjs');
    ({ reference, problems } = await buildSite(out));
  });
  after(() => rmSync(out, { recursive: true, force: true }));

  it('the site has all names, working links, and a description of every export and method', () => {
    assert.deepEqual(problems, []);
  });

  it('the site has a page for each guide, with its title', () => {
    const guides = allGuides().filter(({ name }) => name !== 'README.md');
    const pages = readdirSync(path.join(out, 'documents')).filter((name) => name.endsWith('.html'));
    assert.equal(pages.length, guides.length);
    assert.ok(!pages.some((page) => /README|CHANGELOG/.test(page)), pages.join(', '));
  });

  for (const name of TABLES) {
    it(`the API reference describes every member of ${name}, and its default`, () => {
      const members = membersOf(reference, name);
      assert.ok(members.length > 3);
      const undescribed = members.filter(({ comment }) => !comment?.hasVisibleComponent());
      assert.deepEqual(undescribed.map(String), []);
      const withoutDefault = members.filter(
        (member) => member.flags.isOptional && !WITHOUT_DEFAULT.includes(member.name) && !hasDefault(member),
      );
      assert.deepEqual(withoutDefault.map(String), []);
    });
  }
});

function membersOf(reference: ProjectReflection, name: string): readonly DeclarationReflection[] {
  const modules = reference.children ?? [];
  return modules.flatMap((module) => module.children ?? []).find((child) => child.name === name)?.children ?? [];
}

function hasDefault({ comment }: DeclarationReflection): boolean {
  return comment?.blockTags.some(({ tag }) => tag === '@default') ?? false;
}
