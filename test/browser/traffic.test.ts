/**
 * What the page of a centre with traffic says, in a real browser, is what the centre itself says:
 * figures, a moved weight, drift and a plan. Its pictures, at three widths, light and dark, are in
 * node_modules/.cache/page/, to be looked at.
 */
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { View } from '../../src/view/model.js';
import { DEMO_ORG } from '../../src/simulator/demo-org.js';
import { Workplace, type LiveStrategy } from '../support/cli.js';

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find((one) => existsSync(one));
const PICTURES = new URL('../../node_modules/.cache/page/', import.meta.url).pathname;
const HOUR_MS = 3_600_000;

/** Calls of billing hardly ever end: what its queue holds is the same for a while. */
const TRAFFIC = [
  {
    strategy: 'optimized-support',
    arrivalsPerHour: 40,
    handleSeconds: 240,
    patienceSeconds: 120,
  },
  { strategy: 'sales', arrivalsPerHour: 75, handleSeconds: 70, patienceSeconds: 90 },
  {
    strategy: 'billing',
    arrivalsPerHour: 8,
    handleSeconds: 80_000,
    patienceSeconds: 80_000,
    untilSeconds: 7200,
  },
];

describe.skipIf(CHROMIUM === undefined)('the page of a centre with traffic', () => {
  let browser: Browser;
  let place: Workplace;
  let page: Page;
  let view: View;

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: CHROMIUM ?? '', args: ['--no-sandbox'] });
    await mkdir(PICTURES, { recursive: true });
    place = await Workplace.open({ ...DEMO_ORG, traffic: TRAFFIC });
    expect((await place.strategos(['apply', '--yes'])).code).toBe(0);
    // Hours ago: what is predicted is held against the calls that came by these weights.
    const { sales } = await place.strategies();
    await place.request('PUT', `/api/v2/routing/strategies/${sales?.id ?? ''}`, {
      ...bodyOf(sales),
      targets: sales?.targets.map((one) => ({ ...one, weight: 0.5 })),
    });
    for (let round = 0; round < 2; round += 1) {
      await place.clock.sleep(2 * HOUR_MS);
      await place.strategos(['optimize']);
    }
    await place.edit('strategies/billing.yaml', 'weight: 0.7', 'weight: 0.4');
    expect((await place.strategos(['report', '--out', 'page.html'])).code).toBe(0);
    page = await browser.newPage({ timezoneId: 'Europe/Berlin' });
    await page.goto(pathToFileURL(path.join(place.dir, 'page.html')).href);
    const given = await page.locator('#view').textContent();
    view = JSON.parse(given ?? '') as View;
  }, 60_000);
  afterAll(async () => {
    await browser.close();
    await place.close();
  });

  async function turnTo(section: string): Promise<void> {
    await page.evaluate(`location.hash = '#${section}'`);
    await page.waitForSelector(`#${section}-heading`);
  }

  /** Cells of the row that begins so, by the name of their column. */
  async function row(name: string, table = 'table'): Promise<Record<string, string>> {
    const found = page.locator(`${table} tbody tr`, {
      has: page.locator('th', { hasText: new RegExp(`^${name}$`) }),
    });
    const pairs = await found
      .first()
      .locator('td')
      .evaluateAll((cells) =>
        (cells as unknown as { dataset: { label: string }; textContent: string }[]).map((one) => [
          one.dataset.label,
          one.textContent.trim(),
        ]),
      );
    return Object.fromEntries(pairs) as Record<string, string>;
  }

  const queueId = (name: string): string => view.queues.find((one) => one.name === name)?.id ?? '';

  async function asked(route: string, body: object): Promise<Results> {
    const { results } = (await place.request('POST', route, body)) as { results: Results };
    return results;
  }

  it('has what the queues hold', async () => {
    const [billing] = await asked('/api/v2/analytics/queues/observations/query', {
      filter: {
        type: 'or',
        predicates: [{ dimension: 'queueId', value: queueId('Billing') }],
      },
      metrics: ['oInteracting', 'oWaiting', 'oLongestWaiting'],
    });
    const of = (metric: string): Stats =>
      billing?.data.find((one) => one.metric === metric)?.stats ?? {};
    await turnTo('now');
    const cells = await row('Billing');
    expect(cells['Interacting']).toBe(String(of('oInteracting').count ?? 0));
    expect(Number(of('oWaiting').count)).toBeGreaterThan(0);
    expect(cells['Waiting']).toBe(String(of('oWaiting').count));
    expect(cells['Occupancy']).toBe('100 %');
    expect(cells['Target']).toBe('80 % within 20 s');
    const since = of('oLongestWaiting').calculatedMetricValue ?? 0;
    const hours = (Date.parse(view.at) - since) / HOUR_MS;
    expect(cells['Longest wait now']).toBe(`${hours.toFixed(1)} h`);
    expect(cells['What is the matter']).toContain('calls wait and every agent is busy');
  });

  it('finds a queue, and those in trouble', async () => {
    await turnTo('now');
    const names = async (): Promise<string[]> => page.locator('#now tbody th').allTextContents();
    await page.getByLabel('Search').fill('overflow');
    await expect.poll(names).toEqual(expect.arrayContaining(['Sales Overflow']));
    expect((await names()).every((name) => name.includes('Overflow'))).toBe(true);
    await page.getByLabel('Search').fill('');
    await page.getByLabel('Show').selectOption('waiting');
    await expect
      .poll(names)
      .toEqual(view.queues.filter(({ waiting }) => (waiting ?? 0) > 0).map(({ name }) => name));
    await page.getByLabel('Show').selectOption('all');
  });

  it('has what became of the calls', async () => {
    const { from, to } = view.metrics;
    const [sales] = await asked('/api/v2/analytics/conversations/aggregates/query', {
      interval: `${from}/${to}`,
      groupBy: ['queueId'],
      filter: {
        type: 'and',
        predicates: [{ dimension: 'mediaType', value: 'voice' }],
        clauses: [{ type: 'or', predicates: [{ dimension: 'queueId', value: queueId('Sales') }] }],
      },
      metrics: ['nOffered', 'tAnswered', 'tAbandon'],
    });
    const metrics = (sales?.data ?? []).flatMap((one) => one.metrics ?? []);
    const countOf = (name: string): number =>
      metrics.find(({ metric }) => metric === name)?.stats?.count ?? 0;
    await turnTo('metrics');
    const cells = await row('Sales');
    expect(countOf('nOffered')).toBeGreaterThan(20);
    expect(cells).toMatchObject({
      Offered: String(countOf('nOffered')),
      Answered: String(countOf('tAnswered')),
      Abandoned: String(countOf('tAbandon')),
    });
    expect(cells['Average wait']).toMatch(/^[\d.]+ (s|min)$/);
    expect(await page.locator('#metrics canvas').count()).toBe(3);
  });

  it('has the weights that the optimizer moved, and why', async () => {
    const { 'optimized-support': support } = await place.strategies();
    const tier1 = support?.targets.find(({ id }) => id === queueId('Support Tier 1'));
    await turnTo('optimizer');
    const cells = await row('Support Tier 1', '[aria-label="Moves of weights"] table');
    expect(cells['To']).toBe(String(tier1?.weight));
    expect(cells['From']).not.toBe(cells['To']);
    expect(cells['Why']).toMatch(/\d+ % occupied; aims at/);
    expect(await page.locator('#optimizer canvas').count()).toBe(2);
  });

  it('has what drifted, both sides and who did it', async () => {
    await turnTo('drift');
    const cells = await row('targets\\["Sales"\\].weight');
    expect(cells).toMatchObject({ 'In git': '0.4', 'In the org': '0.5', 'Last applied': '0.7' });
    expect(cells['Who']).toMatch(/^by Ada, /);
  });

  it('has what the plan would change, and what callers would feel of it', async () => {
    await turnTo('plan');
    expect(await page.locator('#plan article h3').allTextContents()).toEqual([
      '~ update RoutingStrategy/sales',
    ]);
    const cells = await row('targets\\["Sales"\\].weight');
    expect(Object.values(cells)).toEqual(expect.arrayContaining(['0.5', '0.4']));
    const bars = page.getByRole('img', { name: /^Sales, in time: \d+ % → \d+ % within 20 s/ });
    expect(await bars.count()).toBe(1);
    await turnTo('routing');
    const sales = page.locator('article', { has: page.locator('h3', { hasText: /^sales$/ }) });
    expect(await sales.textContent()).toContain('After the plan');
  });

  it('tells the runs that wrote from those that only read', async () => {
    await place.strategos(['plan', '--no-predict']);
    await place.strategos(['report', '--out', 'later.html']);
    await page.goto(`${pathToFileURL(path.join(place.dir, 'later.html')).href}#runs`);
    const runs = page.locator('.timeline > li');
    await runs.first().waitFor();
    const texts = await runs.allTextContents();
    const of = (command: string): string => texts.find((text) => text.includes(command)) ?? '';
    expect(of(' plan by')).toContain('only read');
    expect(of(' apply by')).toContain('wrote 3 objects');
    await page.getByLabel('Show').selectOption('wrote');
    await expect.poll(async () => runs.count()).toBeLessThan(texts.length);
    expect((await runs.allTextContents()).every((text) => /wrote \d+ object/.test(text))).toBe(
      true,
    );
  });

  it('is drawn at three widths, light and dark', async () => {
    await page.setViewportSize({ width: 1100, height: 900 });
    await turnTo('routing');
    // As docs/console.png shows it.
    await page.locator('main').screenshot({ path: `${PICTURES}console.png` });
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await page.reload();
      // All sections at once, as on paper, but in the colours of the screen.
      await page.evaluate(`dispatchEvent(new Event('beforeprint'));
        delete document.documentElement.dataset.printing`);
      await page.waitForSelector('#metrics-heading');
      for (const width of [390, 1280, 2560]) {
        await page.setViewportSize({ width, height: 900 });
        const file = `traffic-${width}-${colorScheme}.png`;
        await page.screenshot({ path: `${PICTURES}${file}`, fullPage: true });
      }
    }
  });
});

interface Stats {
  readonly count?: number;
  readonly calculatedMetricValue?: number;
}

type Results = {
  readonly data: {
    readonly metric?: string;
    readonly stats?: Stats;
    readonly metrics?: { readonly metric: string; readonly stats?: Stats }[];
  }[];
}[];

/** What the platform takes of what it shows. */
function bodyOf(shown: LiveStrategy | undefined): object {
  const own = ['id', 'selfUri', 'dateCreated', 'dateModified', 'state', 'createdBy', 'modifiedBy'];
  return Object.fromEntries(Object.entries(shown ?? {}).filter(([key]) => !own.includes(key)));
}
