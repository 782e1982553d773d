import path from 'node:path';
import {
  Application,
  Converter,
  type DocumentReflection,
  Logger,
  LogLevel,
  type ProjectReflection,
  TSConfigReader,
  TypeDocReader,
} from 'typedoc';
import { brokenLinks } from './broken-links.mjs';

const ROOT = path.join(import.meta.dirname, '..');

/** TypeDoc doesn't know the anchors that guides set by `<a id>`. `brokenLinks` finds them on the pages. */
const ABOUT_ANCHORS = /^\S.* links to \S+, but the anchor does not exist\./;

/** The documentation as built. */
export interface Site {
  readonly reference: ProjectReflection;
  /** Missing comments, unknown names, and broken links. */
  readonly problems: readonly string[];
}

/** Builds the guides and the API reference as one site. */
export async function buildSite(out: string): Promise<Site> {
  const options = { options: path.join(ROOT, 'typedoc.json'), tsconfig: path.join(ROOT, 'src', 'tsconfig.json') };
  const app = await Application.bootstrap(options, [new TypeDocReader(), new TSConfigReader()]);
  const complaints = new Complaints();
  app.logger = complaints;
  app.converter.on(Converter.EVENT_CREATE_DOCUMENT, (_context, document) => nameByHeading(document));
  const reference = await app.convert();
  if (!reference) throw new Error(complaints.messages.join('\n'));
  app.validate(reference);
  await app.generateDocs(reference, out);
  return { reference, problems: [...complaints.messages, ...brokenLinks(out)] };
}

/** `SECURITY.md` and other files at the top have no title: their name on the site is that of the heading. */
function nameByHeading(document: DocumentReflection): void {
  const [, heading] = /^# (.+)$/m.exec(document.content.map(({ text }) => text).join('')) ?? [];
  if (heading && document.name === document.name.toUpperCase()) document.name = heading;
}

/** Keeps warnings and errors instead of printing them. */
class Complaints extends Logger {
  readonly messages: string[] = [];

  override addContext(message: string, level: number): string {
    if (level >= LogLevel.Warn && !ABOUT_ANCHORS.test(message)) this.messages.push(message);
    return message;
  }
}
