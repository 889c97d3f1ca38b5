/** Ctrl-C and SIGTERM: the change in flight ends, nothing new begins, the audit log is closed. */
import { afterEach, describe, expect, it } from 'vitest';
import { Workplace } from '../support/cli.js';

let place: Workplace;

afterEach(() => place.close());

async function when(seen: () => string, text: string): Promise<void> {
  for (let tries = 0; tries < 500 && !seen().includes(text); tries += 1) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

describe.each(['SIGINT', 'SIGTERM'] as const)('%s', (signal) => {
  it('lets an apply finish the change in flight and blocks the rest, exit 130', async () => {
    place = await Workplace.open(undefined, { activationMs: 700 });
    const ended = await place.strategos(['apply', '--yes'], {
      onStart: (kill, seen) => void when(seen, 'activating').then(() => kill(signal)),
    });
    expect(ended.code).toBe(130);
    expect(ended.stderr).toContain('stopping after the change in flight');
    expect(ended.stdout).toContain('✓ RoutingStrategy/billing created');
    expect(ended.stdout).toContain('✗ RoutingStrategy/sales blocked: not tried: stopped');
    const live = await place.strategies();
    expect(Object.keys(live)).toEqual(['billing']);
    expect(live['billing']?.status).toBe('active');
    const verify = await place.strategos(['audit', 'verify']);
    expect(verify.stdout).toMatch(/^intact: 1 run, \d+ records\n$/);
    const again = await place.strategos(['apply', '--yes']);
    expect(again.code).toBe(0);
  });

  it('ends a plan at once, exit 130', async () => {
    // It would wait far longer than the test has.
    place = await Workplace.open(undefined, { latencyMs: 600_000 });
    const ended = await place.strategos(['plan'], {
      onStart: (kill, seen) => void when(seen, 'reading the org').then(() => kill(signal)),
    });
    expect(ended.code).toBe(130);
    expect(ended.stderr).toContain('stopped; nothing was changed');
    expect((await place.strategos(['audit', 'verify'])).stdout).toMatch(/^intact: 1 run/);
  });
});
