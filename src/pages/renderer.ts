import type { Environment } from 'nunjucks';
import { BoundedCache } from '../common/bounded-cache.js';
import type { BaseModel, ViewModels, ViewName } from './models.js';

/** More than there are; templates of the application may ask for any name. */
const MAX_DRAWINGS = 50;

const OF_A_SIGN_IN = ['_base.html', '_choices.html', '_svg.html', 'start.html', 'verify.html'];

/** Renders our templates, or those that the application puts in their place. */
export class Renderer {
  private environment: Environment | undefined;

  /** @param folders - Template folders, in the order of search. */
  constructor(private readonly folders: readonly string[]) {}

  render<V extends ViewName>(view: V, model: BaseModel & ViewModels[V]): string {
    this.environment ??= this.load();
    return this.environment.render(`${view}.html`, model);
  }

  /** Does what the first page would wait for. */
  prepare(): void {
    this.environment ??= this.load();
    for (const template of OF_A_SIGN_IN) this.environment.getTemplate(template, true);
  }

  private load(): Environment {
    const nunjucks = require('nunjucks') as typeof import('nunjucks');
    // A developer who edits a template wants to see it at the next request.
    const noCache = process.env.NODE_ENV === 'development';
    const loader = new nunjucks.FileSystemLoader([...this.folders], { noCache });
    const environment = new nunjucks.Environment(loader, { autoescape: true, trimBlocks: true, lstripBlocks: true });
    // A macro would be made anew for every page, and take as long as the rest of it.
    const draw = (name: string) => new nunjucks.runtime.SafeString(environment.render('_svg.html', { name }));
    const drawings = new BoundedCache<object>(MAX_DRAWINGS);
    environment.addGlobal('svg', noCache ? draw : (name: string) => drawings.get(name, () => draw(name)));
    return environment;
  }
}
