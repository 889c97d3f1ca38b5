/** The page of a large org in Chromium: how long until something is to be seen, and its size. */
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium, type Browser } from 'playwright-core';
import { pageAsset } from '../../src/cli/page-asset.js';
import { documentOf } from '../../src/console/document.js';
import type { View } from '../../src/view/model.js';
import { exampleView } from '../browser/example.js';
import type { Figure } from './figures.js';
import { GONE } from '../support/gone.js';

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find((one) => existsSync(one));
const STRATEGIES = 500;
const TRIES = 7;
const PARTS = 24;

export async function pageFigures(): Promise<Figure[]> {
  const asset = await pageAsset();
  const bare = Buffer.byteLength(documentOf(asset, null, null)) / 1e6;
  const size: Figure = {
    part: 'page',
    name: 'report without data',
    value: bare,
    unit: 'MB',
    goal: '≤ 0.358 MB (350 KiB)',
    met: bare <= 0.3584,
  };
  if (CHROMIUM === undefined) {
    process.stderr.write('no Chromium here: the page is not painted\n');
    return [size];
  }
  const text = documentOf(asset, JSON.stringify(largeView()), null);
  const dir = await mkdtemp(path.join(tmpdir(), 'strategos-bench-'));
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
  try {
    const file = path.join(dir, 'page.html');
    await writeFile(file, text);
    const all: number[] = [];
    for (let one = 0; one < TRIES; one += 1) all.push(await paintedAfter(browser, file));
    const [median = NaN, least, most] = spreadOf(all.slice(1));
    const note = `${(text.length / 1e6).toFixed(1)} MB; ${least} to ${most} ms, ${TRIES - 1} loads`;
    const painted: Figure = {
      part: 'page',
      name: `first contentful paint, ${STRATEGIES} strategies and queues`,
      value: median,
      unit: 'ms',
      goal: '< 1,000 ms',
      met: median < 1000,
      note,
    };
    return [size, painted];
  } finally {
    await browser.close();
    await rm(dir, GONE);
  }
}

/** Milliseconds from the start of the navigation. */
async function paintedAfter(browser: Browser, file: string): Promise<number> {
  const page = await browser.newPage();
  await page.goto(pathToFileURL(file).href);
  await page.waitForSelector('article');
  const ms = await page.evaluate<number>(`new Promise((done) => {
    new PerformanceObserver((list) => {
      const [entry] = list.getEntriesByName('first-contentful-paint');
      if (entry !== undefined) done(entry.startTime);
    }).observe({ type: 'paint', buffered: true });
  })`);
  await page.close();
  return ms;
}

function spreadOf(values: readonly number[]): number[] {
  const sorted = [...values].sort((a, b) => a - b).map((ms) => Math.round(ms));
  return [sorted[Math.floor(sorted.length / 2)], sorted[0], sorted.at(-1)].map(Number);
}

/** Each strategy with a queue of its own, and figures of six hours for each. */
function largeView(): View {
  const [first] = exampleView.strategies;
  const [queue] = exampleView.queues;
  const [measured] = exampleView.metrics.queues;
  const [part] = measured?.parts ?? [];
  if (first === undefined || queue === undefined || part === undefined) throw new Error('empty');
  const numbers = Array.from({ length: STRATEGIES }, (_, index) => index);
  const name = (index: number): string => `Queue ${String(index).padStart(4, '0')}`;
  const parts = Array.from({ length: PARTS }, (_, index) => ({
    ...part,
    at: new Date(Date.parse(part.at) + index * 900_000).toISOString(),
  }));
  return {
    ...exampleView,
    strategies: numbers.map((index) => ({
      ...first,
      address: `RoutingStrategy/strategy-${index}`,
      name: `strategy-${index}`,
      ways: first.ways.map((way, at) => {
        const of = name((index + at) % STRATEGIES);
        return { ...way, queue: of, queueId: of };
      }),
    })),
    queues: numbers.map((index) => ({ ...queue, id: name(index), name: name(index) })),
    metrics: {
      ...exampleView.metrics,
      queues: numbers.map((index) => ({
        id: name(index),
        name: name(index),
        parts,
        total: { ...part, offered: 200 },
      })),
    },
  };
}
