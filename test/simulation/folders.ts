/** Two folders of manifests in one repository, with one environment and one org. */
import type { Owner } from '../../src/core/owner.js';
import type { Folder } from './history.js';

export const FOLDERS: Readonly<Record<Folder, Owner>> = {
  ours: { name: 'github.com/acme/routing//strategies', environment: 'test' },
  neighbours: { name: 'github.com/acme/routing//outbound', environment: 'test' },
};

/** The keys of the rows in a file for an import: their first cell. */
export function keysIn(csv: string): string[] {
  const [, ...lines] = csv.split('\n').filter((line) => line !== '');
  return lines.map((line) => /^"?((?:[^",]|"")*)/.exec(line)?.[1] ?? '');
}

/** A cell as text; empty for what is none. */
export function sameText(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
