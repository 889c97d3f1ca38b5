/**
 * What the built command line predicts of a centre that is being played: its org behind HTTP, as it
 * is at that moment, a manifest with other weights, a plan, and the apply of that plan.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Predicted } from '../../src/core/prediction.js';
import type { Plan } from '../../src/core/types.js';
import { startSimulator } from '../../src/simulator/http.js';
import { HOUR_MS, START_MS, type Played } from '../prediction/world.js';
import { aheadBy, processOf, type Ended } from '../support/cli.js';
import { GONE } from '../support/gone.js';

/** `hours` after the start; rejects where the plan cannot be made, or the apply does something else. */
export async function planned(
  { org, ids }: Played,
  weights: readonly number[],
  hours: number,
): Promise<Predicted | undefined> {
  const aheadMs = START_MS + hours * HOUR_MS - Date.now();
  const simulator = await startSimulator({ org, now: () => Date.now() + aheadMs });
  const dir = await mkdtemp(path.join(tmpdir(), 'strategos-centre-'));
  const strategos = async (...args: readonly string[]): Promise<Ended> => {
    const env = { PATH: process.env['PATH'] ?? '', HOME: dir, ...aheadBy(aheadMs) };
    const keys = { GENESYS_CLIENT_ID: 'demo', GENESYS_CLIENT_SECRET: 'demo' };
    const ended = await processOf(args, { cwd: dir, env: { ...env, ...keys } });
    if (ended.code !== 0) throw new Error(`${args.join(' ')} ended ${ended.code}: ${ended.stderr}`);
    return ended;
  };
  try {
    const names = ids.map((id) => org.queues.get(id)?.name ?? id);
    await mkdir(path.join(dir, 'strategies'));
    await writeFile(
      path.join(dir, 'strategies', 'all.yaml'),
      manifests(simulator.url, names, weights),
    );
    const { stdout } = await strategos('plan', '--adopt', '--format', 'json', '--out', 'plan.json');
    await strategos('apply', 'plan.json', '--adopt', '--yes', '--quiet');
    const shared = org.strategies.get(org.strategyNames.get('shared') ?? '');
    const now = shared?.content.targets.map(({ weight }) => weight) ?? [];
    if (now.some((weight, index) => Math.abs(weight - (weights[index] ?? 0)) > 1e-4)) {
      throw new Error(
        `weights ${now.join(', ')} were applied in the place of ${weights.join(', ')}`,
      );
    }
    const found = (JSON.parse(stdout) as Plan).prediction?.strategies[0];
    if (found === undefined) return undefined;
    const place = (queueId: string): number => ids.indexOf(queueId);
    const queues = [...found.queues].sort((a, b) => place(a.queueId) - place(b.queueId));
    return { ...found, queues };
  } finally {
    await simulator.close();
    await rm(dir, GONE);
  }
}

function manifests(url: string, names: readonly string[], weights: readonly number[]): string {
  const documents = [
    {
      kind: 'Environment',
      metadata: { name: 'bench' },
      spec: {
        host: url,
        backend: 'strategies-api',
        owner: 'example.com/bench',
        guards: { maxChanges: '100%' },
      },
    },
    {
      kind: 'RoutingStrategy',
      metadata: { name: 'shared' },
      spec: {
        targets: names.map((queue, index) => ({ queue, weight: weights[index], capacity: 1000 })),
        checks: { skills: 'off', capacity: 'off' },
      },
    },
  ];
  return documents
    .map((one) => JSON.stringify({ apiVersion: 'strategos/v1', ...one }))
    .join('\n---\n');
}
