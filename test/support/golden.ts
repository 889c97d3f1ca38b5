/**
 * Golden files: what a person has read and found good. UPDATE_GOLDEN=1 writes them anew. Their
 * names end in `.golden`, so that no formatter takes them for its own.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { expect } from 'vitest';

const FOLDER = new URL('../golden/', import.meta.url);

export function expectGolden(name: string, actual: string): void {
  const file = new URL(`${name}.golden`, FOLDER);
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(file, actual);
  const wanted = existsSync(file) ? readFileSync(file, 'utf8') : '';
  expect(actual, `${name}; UPDATE_GOLDEN=1 writes it anew`).toBe(wanted);
}
