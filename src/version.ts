/** The package's own version. From `src` and from `dist` alike, its `package.json` is one folder up. */
export const { version } = require('../package.json') as { readonly version: string };
