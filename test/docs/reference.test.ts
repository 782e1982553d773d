import assert from 'node:assert/strict';
import path from 'node:path';
import { before, describe, it } from 'node:test';
import type { DeclarationReflection, ProjectReflection } from 'typedoc';

const ROOT = path.join(__dirname, '..', '..');

/** Interfaces that are tables: a row per option or event, whose meaning and default only its comment holds. */
const TABLES = ['TwilioVerifyStrategyOptions', 'LimitOptions', 'TwilioVerifyEvents', 'VerifyEmulatorOptions'];

/** Optional, and yet what happens without it is no value: its comment says it. */
const WITHOUT_DEFAULT = ['client', 'storePhoneNumber'];

describe('the API reference', () => {
  const complaints: string[] = [];
  let reference: ProjectReflection;
  before(async () => {
    const { Application, Logger, LogLevel, TSConfigReader, TypeDocReader } = await import('typedoc');
    const options = { options: path.join(ROOT, 'typedoc.json'), tsconfig: path.join(ROOT, 'src', 'tsconfig.json') };
    const app = await Application.bootstrap(options, [new TypeDocReader(), new TSConfigReader()]);
    app.logger = new (class extends Logger {
      override addContext(message: string, level: number): string {
        if (level >= LogLevel.Warn) complaints.push(message);
        return message;
      }
    })();
    const converted = await app.convert();
    assert.ok(converted, complaints.join('\n'));
    app.validate(converted);
    reference = converted;
  });

  it('the API reference has all names, working links, and a description of every export and method', () => {
    assert.deepEqual(complaints, []);
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
