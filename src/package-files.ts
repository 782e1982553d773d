import path from 'node:path';

/**
 * Paths of the files that the package ships besides its code. `src` and `dist` are equally deep, so this is the only
 * module that depends on where it is.
 */
export const packageFiles = {
  viewsFolder: path.join(__dirname, '..', 'views'),
  /** All languages except English; exists in `dist` only. */
  packedLocales: path.join(__dirname, 'locales.json.br'),
  /** Version in `package.json`. */
  version: (require('../package.json') as { readonly version: string }).version,
} as const;
