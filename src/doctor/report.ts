/** The result as a whole: its exit code, and what people read. */
import { EXIT, type ExitCode } from '../core/errors.js';
import { plural } from '../core/plural.js';
import { visible } from '../core/visible.js';
import type { DoctorReport, OrgCheck } from '../generated/types.js';
import { escapeMarkdown } from '../render/markdown.js';
import type { Style } from '../render/style.js';
import { REQUIRED } from './permissions.js';

type Report = Omit<DoctorReport, 'exitCode'>;

/**
 * 6 where nobody was let in, or a permission is missing that plans and applies need; 2 where the
 * org differs and strategos does not cope; 5 where something that was tried could not be told, or a
 * table was left; else 0.
 */
export function exitCodeOf({ checks, table, left, mode }: Report): ExitCode {
  const differing = checks.filter(({ verdict }) => verdict === 'differs');
  if (differing.some(({ id }) => id === 'login' || REQUIRED.has(id))) return EXIT.denied;
  if (differing.some(({ copes }) => copes !== true)) return EXIT.changes;
  const stays = table !== null && !table.removed;
  const isLeft = mode === 'write' && left.some(({ state }) => state === 'not removed');
  return stays || isLeft || checks.some(isOpen) ? EXIT.incomplete : EXIT.done;
}

/** It was tried, and the org gave no answer that tells. */
function isOpen({ verdict, because }: OrgCheck): boolean {
  return verdict === 'cannot tell' && (because === 'not answered' || because === 'refused');
}

export function doctorText(report: Omit<DoctorReport, 'requests'>, style: Style): string {
  const { organization, host, backend, environment, checks } = report;
  const org = organization === null ? 'no organization' : `"${organization.name}"`;
  return [
    style.strong(visible(`${org} at ${host}, environment ${environment}, backend ${backend}`)),
    '',
    ...checks.filter((one) => !isUntried(one)).flatMap((check) => linesOf(check, style)),
    '',
    ...remainsOf(report),
    totalsOf(checks),
    ...notNeededOf(report),
    ...nextOf(report),
  ].join('\n');
}

const WIDTH = 'cannot tell'.length;

function linesOf(check: OrgCheck, style: Style): string[] {
  const { verdict, id, assumed, found, follows, copes, todo } = check;
  const paint = verdict === 'holds' ? style.good : copes === false ? style.bad : style.warn;
  const head = `${paint(verdict.padEnd(WIDTH))}  ${visible(id)}: ${visible(assumed)}`;
  const lines = [`${head}: ${style.faint(visible(found))}`];
  const indent = ' '.repeat(WIDTH + 4);
  if (follows !== undefined) {
    const cope = copes === true ? 'strategos copes' : style.bad('strategos does not cope');
    lines.push(`${indent}${visible(follows)} (${cope})`);
  }
  if (todo !== undefined) lines.push(`${indent}→ ${visible(todo)}`);
  return lines;
}

function remainsOf({ left, table }: Pick<Report, 'left' | 'table'>): string[] {
  const own =
    table === null || table.removed
      ? []
      : [`The data table "${table.name}" could not be removed: delete it by hand.`];
  const others = left.map(({ name, state }) => `The data table "${name}" ${LEFT[state]}.`);
  const lines = [...own, ...others].map(visible);
  return lines.length === 0 ? [] : [...lines, ''];
}

const EARLIER = 'was left by a doctor that did not come to its end';

const LEFT = {
  there: `${EARLIER}: doctor --write removes it`,
  'perhaps in use': 'is of another doctor, which may still be at work: it was left alone',
  removed: `${EARLIER}: it was removed`,
  'not removed': `${EARLIER}, and could not be removed: delete it by hand`,
} as const;

function totalsOf(checks: readonly OrgCheck[]): string {
  const count = (verdict: OrgCheck['verdict']): number =>
    checks.filter((one) => one.verdict === verdict).length;
  const bad = checks.filter((one) => one.verdict === 'differs' && one.copes !== true).length;
  const differ = count('differs');
  const how = differ === 0 ? '' : ` (strategos copes with ${differ - bad} of them)`;
  return (
    `Doctor: ${plural(count('holds'), 'assumption holds', 'assumptions hold')}, ` +
    `${differ} differ${how}, ${count('cannot tell')} cannot be told.`
  );
}

/** It takes a table of the doctor's own to find out, and none was made. */
function isUntried({ tried, because }: OrgCheck): boolean {
  return tried === 'write' && because === 'not tried';
}

/** One line, however many: what nobody asks for is nothing to mend. */
function notNeededOf({ notNeeded = [] }: Pick<Report, 'notNeeded'>): string[] {
  if (notNeeded.length === 0) return [];
  const users = [...new Set(notNeeded.flatMap((one) => one.for))].sort().map(visible);
  const count = plural(notNeeded.length, 'permission');
  return [`Not needed by these manifests, and not looked at: ${count}, for ${users.join(', ')}.`];
}

function nextOf({ mode, checks }: Pick<DoctorReport, 'mode' | 'checks'>): string[] {
  const untried = checks.filter(isUntried).length;
  return mode === 'read' && untried > 0
    ? [`${untried} of them take writing: doctor --write tries them in a data table of its own.`]
    : [];
}

export function doctorMarkdown(report: DoctorReport): string {
  const { organization, host, backend, environment, checks } = report;
  const safe = escapeMarkdown;
  const org = organization === null ? 'no organization' : safe(organization.name);
  return [
    `## Doctor: ${org}`,
    '',
    `${safe(host)}, environment ${safe(environment)}, backend ${safe(backend)}`,
    '',
    '| verdict | assumption | danger | what is assumed | what the org did |',
    '| --- | --- | --- | --- | --- |',
    ...checks.map(rowOf),
    '',
    ...remainsOf(report).map((line) => (line === '' ? line : safe(line))),
    totalsOf(checks),
    ...notNeededOf(report),
    ...nextOf(report),
    '',
  ].join('\n');
}

function rowOf({ verdict, id, assumed, danger, found, follows, copes, todo }: OrgCheck): string {
  const safe = escapeMarkdown;
  const cope = copes === true ? 'strategos copes' : '**strategos does not cope**';
  const did = [
    safe(found),
    ...(follows === undefined ? [] : [`${safe(follows)} (${cope})`]),
    ...(todo === undefined ? [] : [`→ ${safe(todo)}`]),
  ];
  const cells = [verdict, `\`${id}\``, danger, safe(assumed), did.join('<br>')];
  return `| ${cells.join(' | ')} |`;
}
