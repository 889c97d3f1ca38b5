/**
 * Golden files: what a person has read and found good. UPDATE_GOLDEN=1 writes them anew. Their
 * names end in `.golden`, so that no formatter takes them for its own.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { expect } from 'vitest';

const FOLDER = new URL('../golden/', import.meta.url);

/** The style is the same in every page, and read in one place. */
const STYLE = /(?<=<style>)[^]*(?=<\/style>)/;

export function expectGolden(name: string, given: string): void {
  const actual = given.replace(STYLE, '…');
  const file = new URL(`${name}.golden`, FOLDER);
  if (process.env['UPDATE_GOLDEN'] === '1') writeFileSync(file, actual);
  const wanted = existsSync(file) ? readFileSync(file, 'utf8') : '';
  expect(actual, `${name}; UPDATE_GOLDEN=1 writes it anew`).toBe(wanted);
}
