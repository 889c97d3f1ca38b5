/** What tests of comparing are made of: targets, manifests that say them, and what is told. */
import type { JsonObject } from '../../src/core/json.js';
import { strategy, type Scene } from '../support/plans.js';

export const tier = (n: number, rest: JsonObject = {}): JsonObject => ({
  queue: `Tier ${n}`,
  priority: 1,
  weight: 1,
  capacity: 10,
  ...rest,
});
export const org = (raw: JsonObject, name = 'a'): Scene['org'][number] => ({ name, raw });
export const TWO = { targets: [tier(1), tier(2)] };
export const ONE_TARGET = 'targets: [{ queue: Tier 1, capacity: 10 }]';
export const totals = (create: number, change: number, gone: number, unchanged: number): string =>
  `Plan: ${create} to create, ${change} to change, ${gone} to delete, 0 to adopt; ` +
  `${unchanged} unchanged.`;

export interface Case extends Scene {
  readonly of: string;
  readonly text: string;
}

const updated = (lines: string): string =>
  `~ update RoutingStrategy/a\n${lines.replace(/^/gm, '    ')}\n\n${totals(0, 1, 0, 0)}`;
export const one = (of: string, spec: string, raw: JsonObject, lines: string): Case => ({
  of,
  manifests: [strategy('a', spec)],
  org: [org(raw)],
  text: updated(lines),
});

/** What the only target is of: the content that tells one strategy from another of its name. */
export const content = (n: number): JsonObject => ({
  status: 'active',
  targets: [tier(n)],
  selection: { skills: [] },
  fallback: null,
});
