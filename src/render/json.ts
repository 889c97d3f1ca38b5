/** Results for machines: one document on stdout, with the version of its format. */
import { failedGuards, isWhole } from '../core/outcome.js';
import { planDocument } from '../core/plan-document.js';
import type { Plan } from '../core/types.js';
import { visibleJson } from '../core/visible.js';
import type { Comparison } from './comparison.js';
import type { DriftReport } from './drift.js';

/** A plan is its own document: what `plan --out` writes and `apply` reads. */
export function planJson(plan: Plan): string {
  return visibleJson(planDocument(plan));
}

export function jsonText(result: object): string {
  return safe({ format: 1, ...result });
}

/** Among lines, each of which is a document. */
export function lineJson(result: object): string {
  return `${visibleJson(JSON.stringify({ format: 1, ...result }))}\n`;
}

function safe(value: object): string {
  return `${visibleJson(JSON.stringify(value, null, 2))}\n`;
}

/** What drifted, field by field: git's value, the org's, the last applied one, and who moved it. */
export function driftJson(report: DriftReport): string {
  const { plan, drifts, pending } = report;
  const { environment, organization, scope, digest, counts, requests } = plan;
  const refusals = failedGuards(plan.guards);
  return jsonText({
    environment,
    organization,
    scope,
    digest,
    unchanged: counts.unchanged,
    requests,
    whole: isWhole(plan),
    ...(counts.foreign === undefined ? {} : { foreign: counts.foreign }),
    ...(refusals.length === 0 ? {} : { guards: refusals }),
    drifts: drifts.map(({ address, how, record, remarks, fields, by }) => ({
      address,
      how,
      ...(remarks === undefined ? {} : { remarks }),
      lastApplied: record === null ? null : { run: record.run, at: record.at },
      fields: fields.map(({ path, before, after, applied, cause, at }, index) => ({
        path,
        ...(after === undefined ? {} : { git: after }),
        ...(before === undefined ? {} : { org: before }),
        ...(applied === undefined ? {} : { applied }),
        cause,
        at,
        by: by[index],
      })),
    })),
    pending,
    ...takenBackIn(report),
    ...(plan.blocked === undefined ? {} : { blocked: plan.blocked }),
    ...(plan.elsewhere === undefined ? {} : { elsewhere: plan.elsewhere }),
    ...(plan.leftAlone === undefined ? {} : { leftAlone: plan.leftAlone }),
  });
}

/** Of what is pending, that which a rollback took back, or may have; nothing where none is. */
function takenBackIn({ pending, takenBack, perhaps }: DriftReport): object {
  const of = pending.flatMap((address) => {
    const run = takenBack?.get(address) ?? perhaps?.get(address);
    if (run === undefined) return [];
    return [{ address, run, certain: takenBack?.has(address) ?? false }];
  });
  return of.length === 0 ? {} : { takenBack: of };
}

/** Both sides of every field in which two environments differ. */
export function comparisonJson({ sides: [from, to], changes, leftOut, equal }: Comparison): string {
  return jsonText({
    from,
    to,
    equal,
    differences: changes.map(({ address, action, fields }) => ({
      address,
      in: action === 'create' ? 'from' : action === 'delete' ? 'to' : 'both',
      fields: fields.map(({ path, before, after }) => ({
        path,
        ...(after === undefined ? {} : { from: after }),
        ...(before === undefined ? {} : { to: before }),
      })),
    })),
    ...(leftOut === undefined ? {} : { leftOut }),
  });
}
