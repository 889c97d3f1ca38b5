/** Whether the plan beside the log of a run is the one that the log has on record. */
import { lstat, readFile } from 'node:fs/promises';
import path from 'node:path';
import { systemCode } from '../core/errors.js';
import { isObject, textOf, type Json } from '../core/json.js';
import { planDigest } from '../core/plan.js';
import type { Plan } from '../core/types.js';
import type { Finding } from '../core/verdict.js';
import { sha256 } from '../files/digest.js';
import { PLAN_FILE, type StoredRun } from '../files/runs.js';

/**
 * Nothing for a run without a plan, one that has not ended, and one whose plan is not there any
 * more. `version`: what a plan of another version has under its digest is for that one to say.
 */
export async function planFindings(
  { id, dir, chain }: StoredRun,
  version: string,
): Promise<Finding[]> {
  const planned = chain.records.filter(({ type }) => type === 'planned').at(-1);
  const digest = textOf(planned?.detail?.['digest']);
  if (planned === undefined || digest === '' || !chain.ended) return [];
  const held = await digestsIn(path.join(dir, PLAN_FILE), version);
  if (held === null) return [];
  const line = planned.seq;
  if ('why' in held) return [{ run: id, line: null, message: `${PLAN_FILE} ${held.why}` }];
  if (held.digests.every((one) => one === digest)) return [];
  const message = `${PLAN_FILE} is not the plan that this record has: that has ${digest}`;
  return [{ run: id, line, message }];
}

type Held = { readonly digests: readonly string[] } | { readonly why: string };

/** What the file says of itself, and what is taken over it; `null` where it is not there. */
async function digestsIn(file: string, version: string): Promise<Held | null> {
  try {
    // A pipe under that name would be waited for.
    if (!(await lstat(file)).isFile()) return { why: 'is no file' };
    const plan = JSON.parse(await readFile(file, 'utf8')) as Json;
    if (!isObject(plan)) return { why: 'is no plan' };
    const said = textOf(plan['digest']);
    const { tool } = plan;
    const isOfThis = isObject(tool) && tool['version'] === version;
    return {
      digests: isOfThis ? [said, planDigest(plan as unknown as Plan, sha256)] : [said],
    };
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null;
    return { why: `cannot be read as a plan (${error instanceof Error ? error.name : 'unknown'})` };
  }
}
