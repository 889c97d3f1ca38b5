/** What a record says beside object, request and outcome: who began the run, what it planned. */
import type { AuditRecord } from '../core/audit.js';
import { isObject, type Json, type JsonObject } from '../core/json.js';
import { workflowTexts } from '../core/workflow.js';

/** Empty where the rest of the record says it all. */
export function toldIn({ type, actor, detail }: AuditRecord): string {
  if (detail === null) return '';
  if (type === 'run-started') return begun(actor, detail);
  if (type === 'chained') return chained(detail);
  return type === 'planned' ? planned(detail) : '';
}

function begun(actor: string, detail: JsonObject): string {
  const { command, version, commit, uncommitted, workflow } = detail;
  const isApart = isObject(uncommitted) && uncommitted['count'] !== 0;
  const apart = isApart ? ' + changes' : '';
  const of = commit === undefined ? '' : `commit ${shortened(commit)}${apart}`;
  const by = isObject(workflow) ? workflowTexts(workflow) : [];
  return joined([`${word(command)} by ${actor}`, `strategos ${word(version)}`, of, ...by]);
}

function chained({ number, previous }: JsonObject): string {
  const before = isObject(previous) ? `after ${word(previous['run'])}` : '';
  return joined([`number ${word(number)} of its chain in the org`, before]);
}

const COUNTED = { create: 'create', update: 'change', delete: 'delete', adopt: 'adopt' } as const;

function planned({ digest, counts }: JsonObject): string {
  const counted = isObject(counts)
    ? Object.entries(COUNTED).map(([action, verb]) => `${word(counts[action] ?? 0)} to ${verb}`)
    : [];
  return joined([...counted, digest === undefined ? '' : word(digest)]);
}

/** As plans shorten a commit. */
function shortened(commit: Json): string {
  return commit === null ? 'none' : word(commit).slice(0, 12);
}

function word(value: Json | undefined): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? '');
}

function joined(parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join(', ');
}
