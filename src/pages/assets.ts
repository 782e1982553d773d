import path from 'node:path';
import type { RequestHandler } from 'express';
import type { ShippedFiles } from '../common/shipped-files.js';

const DAY_SECONDS = 86_400;

/** Serves the pages' stylesheet and script. Their URLs have the package's version, so browsers can keep them. */
export function serveAssets(files: () => Pick<ShippedFiles, 'assets'>): RequestHandler {
  return (req, res, next) => {
    const name = req.path.slice(1);
    const { assets } = files();
    const isRead = req.method === 'GET' || req.method === 'HEAD';
    if (!isRead || !Object.hasOwn(assets, name)) return next();
    res.set('Cache-Control', `public, max-age=${DAY_SECONDS}`).type(path.extname(name)).send(assets[name]);
  };
}
