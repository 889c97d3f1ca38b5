/**
 * The page in a real browser: what it shows, by keys, for screen readers, on narrow screens. Skipped
 * where there is no Chromium; `.ci/run` installs Debian's.
 */
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { documentOf } from '../../src/console/document.js';
import { pageAsset } from '../../src/cli/page-asset.js';
import type { View } from '../../src/view/model.js';
import { exampleView, largeView } from './example.js';
import { GONE } from '../support/gone.js';

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find((one) => existsSync(one));
const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const SECTIONS = ['routing', 'now', 'optimizer', 'plan', 'drift', 'runs', 'metrics'];

describe.skipIf(CHROMIUM === undefined)('the page in Chromium', () => {
  let browser: Browser;
  let dir: string;

  beforeAll(async () => {
    browser = await chromium.launch({
      executablePath: CHROMIUM ?? '',
      // There is no other user to be kept apart from where tests run as root.
      args: ['--no-sandbox', '--force-prefers-reduced-motion'],
    });
    dir = await mkdtemp(path.join(tmpdir(), 'strategos-page-'));
  });
  afterAll(async () => {
    await browser.close();
    await rm(dir, GONE);
  });

  async function open(
    view: View,
    section: string,
    options: BrowserContextOptions = {},
  ): Promise<{ readonly page: Page; readonly problems: string[] }> {
    const file = path.join(dir, 'page.html');
    await writeFile(file, documentOf(await pageAsset(), JSON.stringify(view), null));
    const context = await browser.newContext({ timezoneId: 'Europe/Berlin', ...options });
    const page = await context.newPage();
    const problems: string[] = [];
    page.on('console', (message) => problems.push(message.text()));
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('request', (request) => {
      if (!request.url().startsWith('file:')) problems.push(`asks for ${request.url()}`);
    });
    await page.goto(`${pathToFileURL(file).href}${section === '' ? '' : `#${section}`}`);
    await page.waitForSelector(section === '' ? 'h2' : `#${section}-heading`);
    return { page, problems };
  }

  async function turnTo(page: Page, section: string): Promise<void> {
    await page.evaluate(`location.hash = '#${section}'`);
    await page.waitForSelector(`#${section}-heading`);
  }

  it.each([
    [1280, 'light'],
    [390, 'dark'],
  ] as const)('nothing is wrong by axe: %i px, %s', async (width, colorScheme) => {
    const viewport = { width, height: 900 };
    // The page forbids scripts that are not its own; only this test needs one.
    const options = { viewport, colorScheme, bypassCSP: true };
    const { page, problems } = await open(exampleView, 'routing', options);
    await page.evaluate(await readFile(AXE, 'utf8'));
    for (const section of SECTIONS) {
      await turnTo(page, section);
      const found = await page.evaluate(
        `axe.run().then(({ violations }) =>
          violations.map(({ id, nodes }) => id + ': ' + nodes.map(({ html }) => html).join()))`,
      );
      expect([section, found]).toEqual([section, []]);
    }
    expect(problems).toEqual([]);
    await page.context().close();
  });

  it.each([
    ['words', `Sales of a department with a name that is long ${'and goes on '.repeat(4)}`.trim()],
    ['one word', 'Sales_of_a_department_'.repeat(4)],
  ])('nothing is outside of the screen, from 390 to 2,560 px; names of %s', async (_of, name) => {
    // As if everything were called so.
    const text = JSON.stringify(exampleView).replaceAll(
      /"(Sales|sales|prod|Acme|ada)"/g,
      `"${name}"`,
    );
    const { page } = await open(JSON.parse(text) as View, 'routing');
    for (const section of SECTIONS) {
      await turnTo(page, section);
      for (const width of [390, 768, 1280, 2560]) {
        await page.setViewportSize({ width, height: 900 });
        const outside = async (): Promise<unknown> =>
          page.evaluate(`(() => {
            const { scrollWidth, clientWidth } = document.documentElement;
            const left = [...document.querySelectorAll('td, th[scope=row], h3')]
              .filter((one) => one.getBoundingClientRect().left < 0);
            return [scrollWidth - clientWidth, left.map((one) => one.textContent)];
          })()`);
        // A chart is drawn anew once the browser has told it of its width.
        await expect.poll(outside, { message: `${section} at ${width} px` }).toEqual([0, []]);
      }
    }
    await page.context().close();
  });

  it('has its own policy and still runs, and asks for nothing', async () => {
    const { page, problems } = await open(exampleView, 'metrics');
    expect(await page.locator('canvas').count()).toBe(3);
    expect(problems).toEqual([]);
    await page.context().close();
  });

  it('shows names as they are, whatever is in them', async () => {
    const name = '<img src=x onerror="document.title=1"> </script><b>';
    const [first, ...rest] = exampleView.strategies;
    const view = { ...exampleView, strategies: [{ ...first!, name }, ...rest] };
    const { page, problems } = await open(view, 'routing');
    expect(await page.locator('h3').first().textContent()).toBe(name);
    expect(await page.title()).toBe('prod – strategos');
    expect(problems).toEqual([]);
    await page.context().close();
  });

  it('finds and filters strategies', async () => {
    const { page } = await open(exampleView, 'routing');
    await page.getByLabel('Search').fill('overflow');
    await expect.poll(async () => page.locator('article h3').allTextContents()).toEqual(['sales']);
    await page.getByLabel('Search').fill('');
    await page.getByLabel('Show').selectOption('planned');
    await expect
      .poll(async () => page.locator('article h3').allTextContents())
      .toEqual(['billing']);
    expect(await page.locator('.controls [role=status]').textContent()).toContain(
      '1 strategy of 2',
    );
    await page.context().close();
  });

  it('goes by keys alone', async () => {
    const { page } = await open(exampleView, '');
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to the content');
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.activeElement.id')).toBe('routing-heading');
    await page.getByRole('link', { name: 'Runs' }).focus();
    await page.keyboard.press('Enter');
    await page.waitForSelector('#runs-heading');
    await page.locator('#runs summary').first().focus();
    await page.keyboard.press('Enter');
    await page.waitForSelector('text=outcome create');
    await page.context().close();
  });

  it('shows times in the zone of the reader, and UTC with them', async () => {
    const { page } = await open(exampleView, 'now');
    const time = page.locator('header time');
    expect(await time.textContent()).toBe('26 Nov 2026, 10:00:00');
    expect(await time.getAttribute('title')).toBe('2026-11-26T09:00:00.000Z (UTC)');
    await page.context().close();
  });

  it('hides a line of a chart by keys, and shows it again', async () => {
    const { page } = await open(exampleView, 'optimizer');
    const button = page.getByRole('button', { name: 'Sales', exact: true }).first();
    // The page as it is drawn, not as it is meant.
    const ink = `document.querySelector('canvas').toDataURL()`;
    const before = await page.evaluate(ink);
    await button.focus();
    await page.keyboard.press('Enter');
    await expect.poll(async () => button.getAttribute('aria-pressed')).toBe('false');
    await expect.poll(async () => page.evaluate(ink)).not.toBe(before);
    await page.keyboard.press('Enter');
    await expect.poll(async () => button.getAttribute('aria-pressed')).toBe('true');
    await expect.poll(async () => page.evaluate(ink)).toBe(before);
    await page.context().close();
  });

  it('is a page of tables on paper, and no telephone, with the charts of every queue', async () => {
    const [queue] = exampleView.metrics.queues;
    const queues = ['Sales', 'Billing'].map((name) => ({ ...queue!, id: name, name }));
    const view = { ...exampleView, metrics: { ...exampleView.metrics, queues } };
    // What is left of A4 between its margins.
    const { page } = await open(view, 'metrics', { viewport: { width: 718, height: 1000 } });
    await page.emulateMedia({ media: 'print' });
    await page.evaluate("dispatchEvent(new Event('beforeprint'))");
    await expect.poll(async () => page.locator('#metrics canvas').count()).toBe(6);
    const seen = await page.evaluate(`[
      getComputedStyle(document.querySelector('#now table')).display,
      document.documentElement.scrollWidth - document.documentElement.clientWidth,
      [...document.querySelectorAll('table')]
        .filter((one) => one.getBoundingClientRect().right > innerWidth)
        .map((one) => one.closest('section').id),
    ]`);
    expect(seen).toEqual(['table', 0, []]);
    await page.context().close();
  });

  it('prints every section', async () => {
    const { page } = await open(exampleView, 'now');
    await page.evaluate("dispatchEvent(new Event('beforeprint'))");
    await expect.poll(async () => page.locator('main > section').count()).toBe(SECTIONS.length);
    await page.context().close();
  });

  it('prints all of them, in the colours of paper, and is as before afterwards', async () => {
    const { page } = await open(largeView(130), 'routing', { colorScheme: 'dark' });
    const seen = `[document.querySelectorAll('article[aria-label^=strategy]').length,
      getComputedStyle(document.documentElement).getPropertyValue('--text').trim()]`;
    const onScreen = await page.evaluate(seen);
    expect(onScreen).toEqual([60, '#e8ebef']);
    // What stands there when the browser begins to lay the paper out.
    await page.evaluate(`addEventListener('beforeprint', () => queueMicrotask(() => {
      window.printed = ${seen};
    }))`);
    await page.pdf();
    expect(await page.evaluate('window.printed')).toEqual([130, '#1b1f24']);
    await expect.poll(async () => page.evaluate(seen)).toEqual(onScreen);
    await page.context().close();
  });

  it('shows five hundred strategies, a part of them at first', async () => {
    const { page } = await open(largeView(500), 'routing');
    expect(await page.locator('article').count()).toBe(60);
    // What is painted first is no more than this, however many there are.
    const elements = await page.evaluate<number>("document.querySelectorAll('*').length");
    expect(elements).toBeLessThan(2500);
    await page.getByRole('button').click();
    expect(await page.locator('article').count()).toBe(120);
    await page.getByLabel('Search').fill('strategy 499');
    await expect.poll(async () => page.locator('article').count()).toBe(1);
    await page.context().close();
  });
});
