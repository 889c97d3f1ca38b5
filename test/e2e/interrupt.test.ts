/** Ctrl-C, SIGTERM and a terminal that is closed: the change in flight ends, nothing new begins, the audit log is closed. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { printed, signalAt, Workplace } from '../support/cli.js';

let place: Workplace;

afterEach(() => place.close());

describe.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s', (signal) => {
  it('lets an apply finish the change in flight and blocks the rest, exit 130', async () => {
    place = await Workplace.open(undefined, { activationMs: 60_000 });
    let minutes: NodeJS.Timeout | undefined;
    const ended = await place.strategos(['apply', '--yes'], {
      onStart: (kill, seen) =>
        void printed(seen, 'activating').then(() => {
          kill(signal);
          // From here on minutes pass for the org: it is active whenever it is looked at next.
          minutes = setInterval(() => void place.clock.sleep(60_000), 50);
        }),
    });
    clearInterval(minutes);
    expect(ended.code).toBe(130);
    expect(ended.stderr).toContain('stopping after the change in flight');
    expect(ended.stdout).toContain('✓ RoutingStrategy/billing created');
    expect(ended.stdout).toContain('✗ RoutingStrategy/sales blocked: not tried: stopped');
    const live = await place.strategies();
    expect(Object.keys(live)).toEqual(['billing']);
    expect(live['billing']?.status).toBe('active');
    const verify = await place.strategos(['audit', 'verify']);
    expect(verify.stdout).toMatch(/^intact: 1 run, \d+ records\n/);
    place.simulator.org.activationMs = 0;
    const again = await place.strategos(['apply', '--yes']);
    expect(again.code).toBe(0);
  });

  it('ends a plan at once, exit 130', async () => {
    // It would wait far longer than the test has.
    place = await Workplace.open(undefined, { latencyMs: 600_000 });
    const ended = await place.strategos(['plan'], {
      ...signalAt('reading the org', signal),
    });
    expect(ended.code).toBe(130);
    expect(ended.stderr).toContain('stopped; nothing was changed');
    expect((await place.strategos(['audit', 'verify'])).stdout).toMatch(/^intact: 1 run/);
  });
});

/** An org that takes the n-th write of this kind and never answers it. */
async function hangingBefore(
  to: string,
  hangs: RegExp,
): Promise<{ url: string; hanging: Promise<void>; close: () => void }> {
  let hang = (): void => undefined;
  const hanging = new Promise<void>((resolve) => (hang = resolve));
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const line = `${request.method ?? ''} ${request.url ?? ''}`;
      if (hangs.test(line)) {
        hang();
        return;
      }
      const { authorization = '', 'content-type': type = '' } = request.headers;
      const headers = { authorization, 'content-type': type };
      const body = chunks.length === 0 ? undefined : Buffer.concat(chunks);
      void fetch(`${to}${request.url ?? ''}`, {
        method: request.method ?? 'GET',
        headers,
        redirect: 'manual',
        ...(body === undefined ? {} : { body }),
      }).then(async (answer) => {
        response.writeHead(answer.status, { 'content-type': 'application/json' });
        response.end(await answer.text());
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = (): void => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${port}`, hanging, close };
}

describe('a request that is never answered', () => {
  const hangs = /^POST \/api\/v2\/routing\/strategies$/;
  const cases: [string, number, 'released' | 'held'][] = [
    ['a write, one signal', 1, 'released'],
    ['a write, two signals', 2, 'held'],
  ];
  it.each(cases)('does not keep a run: %s', async (_name, signals, lock) => {
    place = await Workplace.open();
    const slow = await hangingBefore(place.simulator.url, hangs);
    const ended = await place.strategos(['apply', '--yes', '--verbose'], {
      env: { GENESYS_DOMAIN: slow.url },
      onStart: (kill, text) =>
        void slow.hanging.then(async () => {
          for (let sent = 0; sent < signals; sent += 1) {
            kill('SIGTERM');
            await printed(text, 'stopping after the change in flight');
          }
        }),
    });
    slow.close();
    expect(ended.code).toBe(130);
    const verify = await place.strategos(['audit', 'verify']);
    expect(verify.stdout).toMatch(/intact: 1 run/);
    expect(verify.stdout).toMatch(/open/);
    const { stderr } = await place.strategos(['unlock', '--yes']);
    if (lock === 'held') expect(stderr).toContain('the lock is held by tester');
    else expect(stderr).not.toContain('the lock is held');
    expect((await place.strategos(['apply', '--yes'])).code).toBe(0);
  });
});
