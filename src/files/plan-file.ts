/** A plan on disk: written whole or not at all, read only when it is what was written. */
import { readFile, stat } from 'node:fs/promises';
import { AppError, InvalidInput } from '../core/errors.js';
import { isBounded } from '../core/json.js';
import { planDigest } from '../core/plan.js';
import { planDocument } from '../core/plan-document.js';
import type { Hash, Plan } from '../core/types.js';
import { visible } from '../core/visible.js';
import { writeWholeFile } from './whole-file.js';

/** 10,000 strategies take about 20 MiB and 700,000 values; a plan nests a dozen levels. */
const MAX_PLAN_BYTES = 64 * 1024 * 1024;
const MAX_PLAN_VALUES = 3_000_000;
const MAX_PLAN_DEPTH = 100;

export async function writePlanFile(file: string, plan: Plan): Promise<void> {
  await writeWholeFile(file, planDocument(plan), 'the plan');
}

/** Throws `InvalidInput` for a file that is missing, is no plan, or was changed by hand. */
export async function readPlanFile(file: string, hash: Hash): Promise<Plan> {
  return planFrom(await text(file), file, hash);
}

/** The plan that this is the text of; `file` names it in what is thrown. */
export async function planFrom(content: string, file: string, hash: Hash): Promise<Plan> {
  const value = parse(file, content);
  // Only those who read a plan pay for loading its validator.
  const { validatePlan } = await import('../generated/plan-validator.js');
  const validate = validatePlan as unknown as Validator;
  if (!validate(value)) {
    const first = validate.errors?.[0];
    const where =
      first === undefined ? '' : `: ${first.instancePath || '/'} ${first.message ?? ''}`;
    throw notAPlan(file, `it does not have the form of a plan${where}`);
  }
  const plan = value as Plan;
  let digest;
  try {
    digest = planDigest(plan, hash);
  } catch (error) {
    // Half a character, or values inside values until the stack is full.
    if (error instanceof RangeError) throw notAPlan(file, 'no digest can be taken over it');
    throw error;
  }
  if (digest !== plan.digest) {
    throw notAPlan(file, 'it was changed after it was written: its digest does not match');
  }
  return plan;
}

interface Validator {
  (value: unknown): boolean;
  errors?: readonly { readonly instancePath: string; readonly message?: string }[] | null;
}

async function text(file: string): Promise<string> {
  try {
    const { size } = await stat(file);
    if (size > MAX_PLAN_BYTES) throw notAPlan(file, `it has ${size} bytes`);
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof AppError) throw error;
    const reason = (error as NodeJS.ErrnoException).code ?? String(error);
    if (reason === 'EISDIR') throw notAPlan(file, 'it is a folder', MANIFESTS_HINT);
    if (reason === 'ENOENT') throw notAPlan(file, 'there is no such file');
    throw notAPlan(file, `it cannot be read (${reason})`);
  }
}

function parse(file: string, content: string): unknown {
  if (!isBounded(content, MAX_PLAN_DEPTH, MAX_PLAN_VALUES)) {
    throw notAPlan(file, 'it nests deeper or holds more values than any plan');
  }
  try {
    return JSON.parse(content);
  } catch (error) {
    if (/\.ya?ml$/.test(file)) throw notAPlan(file, 'it is a manifest', MANIFESTS_HINT);
    throw notAPlan(file, `it is not JSON (${visible((error as Error).message)})`);
  }
}

const PLAN_HINT = 'make a new one with: strategos plan --out FILE';
const MANIFESTS_HINT = `${PLAN_HINT}; manifests are applied by: strategos apply --dir FOLDER`;

function notAPlan(file: string, why: string, hint = PLAN_HINT): InvalidInput {
  return new InvalidInput(`${file}: not a plan that can be applied: ${why}`, [], { hint });
}
