/** `strategos report` and `strategos console`: what is on the page is what is in the org. */
import { mkdir, stat } from 'node:fs/promises';
import { connect } from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { View } from '../../src/view/model.js';
import { stillOf } from '../../src/view/still.js';
import { DEMO_ORG } from '../../src/simulator/demo-org.js';
import { printed, Workplace } from '../support/cli.js';
import { strategosHere } from '../support/here.js';

const READING = DEMO_ORG.clients?.find(({ id }) => id === 'planner')?.permissions ?? [];

let place: Workplace;

beforeAll(async () => {
  place = await Workplace.open();
  expect((await place.strategos(['apply', '--yes'])).code).toBe(0);
});
afterAll(async () => place.close());

function viewIn(html: string): View {
  const [, json = ''] =
    /<script type="application\/json" id="view">(.*)<\/script>/.exec(html) ?? [];
  return JSON.parse(json) as View;
}

async function reported(): Promise<{ readonly html: string; readonly view: View }> {
  const { code, stderr } = await place.strategos(['report', '--out', 'site/today.html']);
  expect([code, stderr.includes('warning')]).toEqual([0, false]);
  const html = await place.read('site/today.html');
  return { html, view: viewIn(html) };
}

/** What the platform takes of what it shows. */
function written(shown: object | undefined): object {
  const own = ['id', 'selfUri', 'dateCreated', 'dateModified', 'state', 'createdBy', 'modifiedBy'];
  return Object.fromEntries(Object.entries(shown ?? {}).filter(([key]) => !own.includes(key)));
}

describe('report', () => {
  it('is one file that asks for nothing, and small', async () => {
    const { html, view } = await reported();
    const bare = html.replace(JSON.stringify(view).replace(/</g, '\\u003c'), '');
    expect(Buffer.byteLength(bare)).toBeLessThan(350 * 1024);
    expect(html).toContain("default-src 'none'");
    expect(html).toContain("connect-src 'none'");
    expect(html).not.toMatch(/<(link|img|iframe)\b|\bsrc=|url\(/);
  });

  it('shows where calls go and what queues hold', async () => {
    const { view } = await reported();
    expect(view.strategies.map(({ name }) => name)).toEqual([
      'billing',
      'optimized-support',
      'sales',
    ]);
    expect(view.strategies[2]?.ways).toMatchObject([
      { queue: 'Sales', role: 'target', share: 0.7, weight: 0.7 },
      { queue: 'Sales Overflow', role: 'target', share: 0.3, weight: 0.3 },
    ]);
    expect(view.queues.find(({ name }) => name === 'Billing')).toMatchObject({
      onQueue: 3,
      interacting: 1,
      waiting: 0,
      occupancy: 1 / 3,
      withinSeconds: 20,
      targetPart: 0.8,
    });
    expect(view.plan).toMatchObject({ changes: [], alarms: [] });
    expect(view.drift.objects).toEqual([]);
    expect(view.runs.map(({ command }) => command)).toContain('apply');
    expect(view.runs.flatMap(({ problems }) => problems)).toEqual([]);
    expect(view.events.map(({ action }) => action)).toContain('Create');
  });

  it('shows a pending change, drift with who did it, and a moved weight', async () => {
    await place.edit('strategies/billing.yaml', 'capacity: 8', 'capacity: 9');
    await place.strategos(['optimize']);
    const { sales } = await place.strategies();
    await place.request('PUT', `/api/v2/routing/strategies/${sales?.id ?? ''}`, {
      ...written(sales),
      targets: sales?.targets.map((one) => ({ ...one, weight: 0.5 })),
    });
    const { view } = await reported();
    const billing = view.strategies.find(({ name }) => name === 'billing');
    expect(billing).toMatchObject({ action: 'update', planned: [{ capacity: 9 }, {}] });
    expect(view.plan.changes.map(({ address }) => address)).toEqual([
      'RoutingStrategy/billing',
      'RoutingStrategy/sales',
    ]);
    const [drift] = view.drift.objects;
    expect(drift?.address).toBe('RoutingStrategy/sales');
    expect(drift?.rows[0]).toMatchObject({ git: '0.7', org: '0.5', applied: '0.7' });
    // The queue by its name, as the audit trail has it.
    expect(drift?.rows[0]?.who).toMatch(/^by .* \(targets\/Sales\/weight\)$/);
    expect(view.events.flatMap(({ changes }) => changes.map(({ property }) => property))).toContain(
      'targets/Sales/weight',
    );
    const [tuned] = view.tuned;
    expect(tuned).toMatchObject({ name: 'optimized-support', bounds: { min: 0.1, max: 1 } });
    expect(tuned?.rounds[0]?.weights).not.toEqual(tuned?.rounds[0]?.before);
  });

  it('differs from the next one in its times alone where nothing has changed', async () => {
    // Reports are runs as well: each of these has none but itself.
    const looks: View[] = [];
    for (const runs of ['one', 'other']) {
      await place.strategos(['report', '--out', 'still.html', '--runs', `.strategos/${runs}`]);
      looks.push(viewIn(await place.read('still.html')));
      await place.clock.sleep(1000);
    }
    const [one, other] = looks.map(stillOf);
    expect(one?.times).not.toEqual(other?.times);
    expect(one?.rest).toBe(other?.rest);
  });

  it.each([
    ['slow', -2],
    ['fast', 2],
  ])(
    'begins at the instant that was asked for on a machine whose clock is %s',
    async (_, hours) => {
      const ours = place.clock;
      const at = new Date(Math.floor(ours.now() / 900_000) * 900_000 - 3_600_000).toISOString();
      const clock = { now: () => ours.now() + hours * 3_600_000, sleep: ours.sleep };
      const around = { cwd: place.dir, env: place.environment({}), clock };
      for (const args of [['report', '--out', 'off.html'], ['metrics'], ['audit', 'trail']]) {
        const { code, stderr } = await strategosHere([...args, '--since', at], around);
        expect([args, code, stderr.includes('warning')]).toEqual([args, 0, false]);
      }
      const { from, to } = viewIn(await place.read('off.html')).metrics;
      expect(from).toBe(at);
      expect(Math.abs(Date.parse(to) - ours.now())).toBeLessThan(60_000);
    },
  );

  it('refuses an instant that is to come by the clock of the org', async () => {
    const later = new Date(place.clock.now() + 3_600_000).toISOString();
    const args = ['report', '--out', 'never.html', '--since', later];
    const { code, stderr } = await place.strategos(args);
    expect([code, stderr]).toEqual([64, expect.stringContaining('begins at')]);
  });

  it('goes into a folder under a name of its own', async () => {
    await mkdir(path.join(place.dir, 'pages'));
    const { code, stdout } = await place.strategos(['report', '--out', 'pages', '--quiet']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Wrote pages\/strategos\.html \(\d+ KiB, \d+ requests\)\.\n$/);
    expect((await stat(path.join(place.dir, 'pages/strategos.html'))).isFile()).toBe(true);
  });

  it('says what could not be read, and shows the rest', async () => {
    const org = await Workplace.open({
      ...DEMO_ORG,
      clients: [
        { id: 'demo', secret: 'demo', permissions: READING.filter((one) => !one.match(/ueueObs/)) },
      ],
    });
    try {
      const { code, stderr } = await org.strategos(['report', '--out', 'r.html']);
      const view = viewIn(await org.read('r.html'));
      expect(code).toBe(5);
      expect(stderr).toContain('warning: not in it, what queues hold now: ');
      expect(view.missing.map(({ what }) => what)).toEqual(['what queues hold now']);
      expect(view.queues[0]).toMatchObject({ onQueue: null, occupancy: null });
      expect(view.plan.changes).toHaveLength(3);
    } finally {
      await org.close();
    }
  });
});

/** How many of these requests, all sent at once, are answered well. */
async function answered(origin: string, requests: string): Promise<number> {
  const { hostname, port } = new URL(origin);
  const wanted = requests.split(' HTTP/1.1').length - 1;
  let text = '';
  let well = 0;
  const socket = connect(Number(port), hostname, () => socket.write(requests));
  for await (const part of socket.setEncoding('utf8')) {
    text += String(part);
    well = text.split('HTTP/1.1 200 ').length - 1;
    if (well === wanted) break;
  }
  return well;
}

describe('console', () => {
  it('serves the page on loopback, asks the org once for ten viewers and a thousand loads, and ends when it is stopped', async () => {
    // What reports before this one have used of the limit is over by then.
    await place.clock.sleep(60_000);
    let stop: () => void = () => undefined;
    let seen = (): string => '';
    const ended = place.process(['console', '--interval', '3600', '--quiet'], {
      onStart: (kill, text) => {
        stop = () => kill('SIGINT');
        seen = text;
      },
    });
    await printed(() => seen(), 'stop it with Ctrl-C');
    const [address = ''] = /http:\S+/.exec(seen()) ?? [];
    const { origin } = new URL(address);
    const entered = await fetch(address, { redirect: 'manual' });
    const cookie = entered.headers.get('set-cookie')?.split(';')[0] ?? '';
    const page = async (): Promise<string> => (await fetch(origin, { headers: { cookie } })).text();
    await expect.poll(page, { timeout: 60_000 }).toContain('id="view"');
    const before = place.simulator.requests();
    const texts = await Promise.all(Array.from({ length: 10 }, page));
    const head = `HEAD / HTTP/1.1\r\nhost: ${new URL(origin).host}\r\ncookie: ${cookie}\r\n\r\n`;
    expect(await answered(origin, head.repeat(1000))).toBe(1000);
    const stream = new AbortController();
    const watched = await Promise.all(
      Array.from({ length: 10 }, async () =>
        fetch(`${origin}/events`, { headers: { cookie }, signal: stream.signal }),
      ),
    );
    expect(watched.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => 200));
    expect(new Set(texts).size).toBe(1);
    expect(viewIn(texts[0] ?? '').strategies).toHaveLength(3);
    expect(place.simulator.requests()).toBe(before);
    stream.abort();
    stop();
    expect((await ended).code).toBe(0);
    // Stopping it is how it ends.
    const { runs } = (await reported()).view;
    expect(runs.find(({ command }) => command === 'console')).toMatchObject({
      state: 'stopped',
      mark: 'good',
    });
  });
});
