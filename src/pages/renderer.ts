import type { Environment, ILoader, LoaderSource } from 'nunjucks';
import { BoundedCache } from '../common/bounded-cache.js';
import { TwilioVerifyError } from '../common/errors.js';
import type { ShippedFiles } from '../common/shipped-files.js';
import type { BaseModel, ViewModels, ViewName } from './models.js';

type Translate = BaseModel['t'];

/** More than there are; templates of the application may ask for any name. */
const MAX_DRAWINGS = 50;

const OF_A_SIGN_IN = ['_base.html', '_choices.html', '_svg.html', 'start.html', 'verify.html'];

type Templates = ShippedFiles['templates'];

/** All characters that nunjucks escapes. */
const ESCAPED = /[&"'<>`\\]/;

/** Strategies without the option `views` share one environment, so that our templates are compiled once per process. */
const withoutFolders = new WeakMap<Templates, Environment>();

/** Renders our templates, or those that the application puts in their place. */
export class Renderer {
  private environment: Environment | undefined;
  private readonly safe = new WeakMap<Translate, Translate>();

  /** @param folders - Template folders of the app, searched before our own templates. */
  constructor(
    private readonly folders: readonly string[],
    private readonly files: () => Pick<ShippedFiles, 'templates'>,
  ) {}

  /**
   * @param model - Is modified: without folders, its `t` is replaced.
   * @throws TwilioVerifyError `ERR_TWILIO_VERIFY_FILE` if a template includes or extends one that doesn't exist
   */
  render<V extends ViewName>(view: V, model: BaseModel & ViewModels[V]): string {
    this.environment ??= this.load();
    // A filter of an app's template would let other characters pass together with a safe text.
    if (this.folders.length === 0) Object.assign(model, { t: this.safeOnce(model.t) });
    try {
      return this.environment.render(`${view}.html`, model);
    } catch (cause) {
      const [, missing] = /template not found: (\S+)/.exec(String(cause)) ?? [];
      throw missing === undefined ? cause : this.missing(missing, cause);
    }
  }

  /** Does what the first page would wait for. */
  prepare(): void {
    this.environment ??= this.load();
    for (const template of OF_A_SIGN_IN) this.environment.getTemplate(template, true);
  }

  /** The `t` for templates of one language. */
  private safeOnce(t: Translate): Translate {
    const known = this.safe.get(t);
    if (known) return known;
    const safe = withSafeTexts(t);
    this.safe.set(t, safe);
    return safe;
  }

  private load(): Environment {
    const { templates } = this.files();
    if (this.folders.length > 0) return createEnvironment(templates, this.folders);
    const environment = withoutFolders.get(templates) ?? createEnvironment(templates, []);
    withoutFolders.set(templates, environment);
    return environment;
  }

  private missing(name: string, cause: unknown): TwilioVerifyError {
    const folders = this.folders.length > 0 ? `in ${this.folders.join(', ')} (option "views")` : 'in an option "views"';
    return new TwilioVerifyError(
      'ERR_TWILIO_VERIFY_FILE',
      `The template "${name}" is missing: it's neither ${folders} nor in the package. Correct its name in the template ` +
        'that includes or extends it, or add the file.',
      500,
      { cause },
    );
  }
}

/**
 * Marks texts as safe that have no characters to escape, so that nunjucks doesn't search them on each page: 3 µs of the
 * code page. For our own templates only, which show these texts and do nothing else with them.
 */
function withSafeTexts(t: Translate): Translate {
  const { runtime } = require('nunjucks') as typeof import('nunjucks');
  const texts = new Map<string, string>();
  const fetch = (key: string): string => {
    const text = t(key);
    // An object would make an empty text count as true.
    const isSafe = text !== '' && !ESCAPED.test(text);
    return isSafe ? (new runtime.SafeString(text) as unknown as string) : text;
  };
  return (key, values) => {
    if (values) return t(key, values);
    const text = texts.get(key) ?? fetch(key);
    texts.set(key, text);
    return text;
  };
}

function createEnvironment(templates: Templates, folders: readonly string[]): Environment {
  const nunjucks = require('nunjucks') as typeof import('nunjucks');
  // A developer who edits a template wants to see it at the next request.
  const noCache = process.env.NODE_ENV === 'development';
  const shipped: ILoader = {
    // nunjucks tries the next loader if there is no source.
    getSource: (name) =>
      (Object.hasOwn(templates, name) ? { src: templates[name], path: name, noCache: false } : null) as LoaderSource,
  };
  const loaders = [new nunjucks.FileSystemLoader([...folders], { noCache }), shipped];
  const environment = new nunjucks.Environment(loaders, { autoescape: true, trimBlocks: true, lstripBlocks: true });
  // nunjucks looks templates up in a plain object, which would find "constructor".
  for (const loader of (environment as unknown as { loaders: { cache: object }[] }).loaders) {
    loader.cache = Object.create(null);
  }
  // A macro would be created again for every page, and take as long as the rest of it.
  const draw = (name: string) => new nunjucks.runtime.SafeString(environment.render('_svg.html', { name }));
  const drawings = new BoundedCache<object>(MAX_DRAWINGS);
  environment.addGlobal('svg', noCache ? draw : (name: string) => drawings.get(name, () => draw(name)));
  return environment;
}
