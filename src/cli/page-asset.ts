/** The page as the build has left it. */
import { readFile } from 'node:fs/promises';
import type { PageAsset } from '../console/document.js';
import { packageFile } from './package-files.js';

export async function pageAsset(): Promise<PageAsset> {
  return JSON.parse(await readFile(packageFile('dist/page/page.json'), 'utf8')) as PageAsset;
}
