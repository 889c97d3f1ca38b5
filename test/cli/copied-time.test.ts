/** `--since` takes the times that reports show, as they stand there. */
import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { when } from '../../src/cli/span.js';

const GOLDEN = new URL('../golden/', import.meta.url);

it('takes every time that a report in Markdown has', () => {
  const reports = readdirSync(GOLDEN).filter((file) => file.endsWith('.md.golden'));
  const texts = reports.map((file) => readFileSync(new URL(file, GOLDEN), 'utf8'));
  const times = texts.flatMap((text) => text.match(/\d{4}-\d\d-\d\d(?:[T ][\d:.]+\S*)?/g) ?? []);
  expect(times.length).toBeGreaterThan(10);
  for (const time of times) {
    const copied = time.replace(/[,;:.)`]+$/, '');
    expect(when(copied)).toEqual({ atMs: Date.parse(copied) });
  }
});
