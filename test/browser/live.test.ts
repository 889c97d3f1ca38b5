/** The page that `console` serves, in a real browser: what is new comes, and nothing else moves. */
import { existsSync } from 'node:fs';
import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pageAsset } from '../../src/cli/page-asset.js';
import { serve, type Served } from '../../src/console/server.js';
import type { View } from '../../src/view/model.js';
import { stillOf } from '../../src/view/still.js';
import { exampleView } from './example.js';

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find((one) => existsSync(one));

const live: View = { ...exampleView, interval: 30, missing: [] };

describe.skipIf(CHROMIUM === undefined)('a live page in Chromium', () => {
  let browser: Browser;
  let served: Served;
  let page: Page;
  const problems: string[] = [];

  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: CHROMIUM ?? '', args: ['--no-sandbox'] });
    served = await serve(await pageAsset(), 0);
    page = await browser.newPage();
    page.on('console', (message) => problems.push(message.text()));
    page.on('pageerror', (error) => problems.push(error.message));
  });
  afterAll(async () => {
    await browser.close();
    await served.close();
  });

  const queue = (waiting: number): View => {
    const [first, ...rest] = live.queues;
    return { ...live, queues: [{ ...first!, waiting }, ...rest] };
  };

  it('opens by the address, and says that it is looking', async () => {
    await page.goto(served.url);
    expect(new URL(page.url()).search).toBe('');
    await page.waitForSelector('text=Looking at the org…');
  });

  it('shows what is new without being loaded again, and keeps where its reader is', async () => {
    served.show(JSON.stringify(queue(3)));
    await page.getByRole('link', { name: 'Now' }).click();
    const waiting = page.locator('tbody tr').first().locator('td[data-label=Waiting]');
    await expect.poll(async () => waiting.textContent()).toBe('3');
    served.show(JSON.stringify(queue(7)));
    await expect.poll(async () => waiting.textContent()).toBe('7');
    expect(await page.locator('#now-heading').count()).toBe(1);
  });

  it('does not move where nothing has changed', async () => {
    await page.evaluate(`
      window.moves = [];
      new MutationObserver((all) => window.moves.push(...all.map(({ type }) => type)))
        .observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true });
    `);
    served.show(JSON.stringify(queue(7)));
    served.show(JSON.stringify(queue(7)));
    // Longer than the page's own clock, which tells the age of what is old.
    await page.waitForTimeout(1500);
    expect(await page.evaluate('window.moves')).toEqual([]);
  });

  it('moves its times on, and nothing else, where only those are new', async () => {
    const later = { ...queue(7), at: '2026-11-26T09:00:30.000Z' };
    served.show(JSON.stringify(queue(7)), stillOf(queue(7)));
    await page.evaluate('window.moves.length = 0');
    served.show(JSON.stringify(later), stillOf(later));
    const shown = page.locator('header time');
    await expect.poll(async () => shown.getAttribute('datetime')).toBe(later.at);
    expect(await page.evaluate('window.moves.includes("childList")')).toBe(false);
  });

  it('does not listen while nobody sees it, and is told the last state when it is shown', async () => {
    const turn = async (hidden: boolean): Promise<void> => {
      await page.evaluate(`
        Object.defineProperty(document, 'hidden', { configurable: true, value: ${hidden} });
        document.dispatchEvent(new Event('visibilitychange'));
      `);
    };
    expect(served.viewers()).toBe(1);
    await turn(true);
    await expect.poll(() => served.viewers()).toBe(0);
    served.show(JSON.stringify(queue(5)));
    await turn(false);
    await expect.poll(() => served.viewers()).toBe(1);
    const waiting = page.locator('tbody tr').first().locator('td[data-label=Waiting]');
    await expect.poll(async () => waiting.textContent()).toBe('5');
  });

  it('keeps the last state where the org does not answer, with its age and why', async () => {
    served.fail('503 service.unavailable');
    const trouble = page.locator('.trouble');
    await expect
      .poll(async () => trouble.textContent())
      .toMatch(
        /The last look at the org failed \(503 service\.unavailable\): .* is \d+ (s|min|h) old/,
      );
    expect(await page.locator('tbody tr').count()).toBe(2);
    served.show(JSON.stringify(queue(1)));
    await expect.poll(async () => trouble.count()).toBe(0);
  });

  it('tells how old it is as soon as the org takes longer than usual, whoever comes by then', async () => {
    served.show(JSON.stringify({ ...queue(2), interval: 1 }));
    const trouble = page.locator('.trouble');
    expect(await trouble.count()).toBe(0);
    await page.clock.install();
    await page.reload();
    await page.waitForSelector('#now-heading');
    await page.clock.runFor(8000);
    await expect
      .poll(async () => trouble.textContent())
      .toMatch(/^! The org has not answered yet: what is shown is \d+ s old\.$/);
    await page.clock.resume();
    served.show(JSON.stringify(queue(1)));
    await page.reload();
    await page.waitForSelector('#now-heading');
  });

  it('says that nothing is heard once the command has ended', async () => {
    await served.close();
    await expect
      .poll(async () => page.locator('.trouble').textContent())
      .toContain('Nothing is heard from strategos console');
    // A browser tells of a connection that it lost, by itself.
    expect(problems.filter((text) => !text.includes('ERR_'))).toEqual([]);
    served = await serve(await pageAsset(), 0);
  });
});
