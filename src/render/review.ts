/**
 * What a reviewer reads: the comment at a pull request and the summary of a job. Counts first, then
 * what needs a second look, then the strategies, deletes first and never folded.
 */
import type { Issue } from '../core/issue.js';
import type { Route } from '../core/kind.js';
import { objectName } from '../core/outcome.js';
import { plural } from '../core/plural.js';
import type { Address, Change, Plan } from '../core/types.js';
import { commitSuffix } from '../core/uncommitted.js';
import type { JsonObject } from '../core/json.js';
import { someOf } from '../core/some.js';
import { cut, fit, utf8, type Block, type Group } from './budget.js';
import { blockedMarkdown, changeMarkdown, escapeMarkdown, table } from './markdown.js';
import { factsMoved, routesGraph } from './mermaid.js';
import {
  blockedIn,
  countsLine,
  isDrift,
  leftAs,
  recordsText,
  requestsText,
  scopeText,
  SIGN,
  tablesText,
  whereText,
} from './wording.js';
import { type Askers } from './field-tables.js';
import { alarmsOf, notesIn } from './notes.js';

/** One environment and what became of planning it. */
export interface Planning {
  readonly environment: string;
  readonly plan: Plan | null;
  /** Why there is no plan; ignored where there is one. */
  readonly failure: string;
  /** Id of the run, which is the name of its artifact; `null` where there was none. */
  readonly run: string | null;
}

export interface Review {
  readonly plannings: readonly Planning[];
  /** What is wrong with the manifests: then nothing was planned. */
  readonly issues: readonly Issue[];
  /** What the changes that git asks for are called: `this pull request`. */
  readonly git: string;
  /** Paths of those of its fields that git had asked for before. */
  readonly before: (environment: string, change: Change) => ReadonlySet<string>;
  /** Markdown that stands above everything else; may be empty. */
  readonly lead: string;
  /** What the plan is of, where that is another commit than was checked out. */
  readonly commit: string | null;
  /** Address of the workflow run; `null` outside of one. */
  readonly runUrl: string | null;
  readonly routesOf: (address: Address, fields: JsonObject) => readonly Route[];
  /** What drawings say of an object beside its name, wherever they lead to it. Default: nothing. */
  readonly factsOf?: (address: Address, fields: JsonObject) => readonly string[];
}

/** More alarms or names than this in one place are counted instead. */
const MOST = 10;
/** Bytes that a list of issues takes at most. */
const ISSUES_BYTES = 30_000;

/** At most `bytes` of UTF-8. Graphs go first where there is no room for everything. */
export function reviewMarkdown(review: Review, bytes: number): string {
  const limits = { bytes, where: whereAll(review) };
  const top = topOf(review);
  const drawn = fit(top, groupsIn(review, true), '', limits);
  if (drawn.whole) return drawn.text;
  const plain = fit(top, groupsIn(review, false), '', limits);
  if (plain.dropped === 0) return plain.text;
  // The table on top has all of them: first goes what has nothing to apply, then what has no alarm.
  const loud = review.plannings.filter((one) => rankOf(one) < QUIET);
  const quiet = review.plannings.length - loud.length;
  const shown = loud.sort((a, b) => rankOf(a) - rankOf(b));
  const rest = quiet === 0 ? '' : `Not shown: ${quiet} with nothing to apply.`;
  return fit(top, groupsIn(review, false, shown), rest, limits).text;
}

const QUIET = 2;

function rankOf({ plan }: Planning): number {
  if (plan === null || plan.counts.delete + (plan.counts.replace ?? 0) > 0 || isAlarming(plan))
    return 0;
  return plan.changes.length + plan.records > 0 ? 1 : QUIET;
}

function isAlarming(plan: Plan): boolean {
  return alarmsOf(plan).length > 0 || plan.blocked !== undefined;
}

function whereAll({ runUrl }: Review): string {
  const what = 'The whole plan is `plan.json` in the artifact of the run';
  return runUrl === null ? `${what}.` : `${what}: [artifacts](${runUrl}#artifacts).`;
}

function topOf({ plannings, issues, lead, runUrl }: Review): string {
  const totals = plannings.length < 2 ? '' : `## Plan\n\n${totalsTable(plannings)}`;
  const invalid = issues.length === 0 ? '' : issuesMarkdown(issues);
  const none = plannings.length === 0 && issues.length === 0 ? nothing(runUrl) : '';
  return [lead, invalid, none, totals].filter((part) => part !== '').join('\n\n');
}

/** `folder <code>outbound</code>` */
export function folderMarkdown(folder: string): string {
  return `folder <code>${escapeMarkdown(folder)}</code>`;
}

function nothing(runUrl: string | null): string {
  const log = runUrl === null ? 'the log' : `[the log](${runUrl})`;
  return `## No plan\n\nNo environment was planned: ${log} says why.`;
}

/** All issues of the manifests, as a list that fits. */
export function issuesMarkdown(issues: readonly Issue[]): string {
  const errors = issues.filter(({ severity }) => severity === 'error').length;
  const title =
    errors > 0
      ? `## The manifests are not valid: ${plural(errors, 'error')}`
      : `## The manifests are valid, with ${plural(issues.length, 'warning')}`;
  return `${title}\n\n${cut(issues.map(issueMarkdown).join('\n'), ISSUES_BYTES).trimEnd()}`;
}

function issueMarkdown({ severity, at, message, hint }: Issue): string {
  const mark = severity === 'error' ? '❌' : '⚠️';
  const place = at === null ? '' : `${escapeMarkdown(`${at.file}:${at.line}`)} `;
  const advice = hint === undefined ? '' : `<br>→ ${escapeMarkdown(hint)}`;
  return `- ${mark} ${place}${escapeMarkdown(message)}${advice}`;
}

/** A row an environment; where that is too much, those behind the loudest share the last one. */
function totalsTable(plannings: readonly Planning[]): string {
  const whole = table(TOTALS_HEAD, plannings.map(totalsRow));
  if (utf8(whole) <= TOTALS_BYTES) return whole;
  const loudness = (one: Planning): number => (one.plan === null ? -1 : rankOf(one));
  const loudest = [...plannings].sort((a, b) => loudness(a) - loudness(b));
  const rows: string[][] = [];
  let left = TOTALS_BYTES;
  for (const planning of loudest) {
    const row = totalsRow(planning);
    left -= utf8(table(row, []).split('\n', 1).join('')) + 1;
    if (left < 0) break;
    rows.push(row);
  }
  return table(TOTALS_HEAD, [...rows, restRow(loudest.slice(rows.length))]);
}

const TOTALS_HEAD = [
  ...['Environment', 'delete', 'adopt', 'change', 'create', 'unchanged', 'Look twice'],
];
/** Bytes that the table takes at most, but for its head and its last row. */
const TOTALS_BYTES = 30_000;

function totalsRow({ environment, plan, failure }: Planning): string[] {
  if (plan === null) return [environment, '', '', '', '', '', `no plan: ${failure}`];
  return [environment, ...countsOf(plan).map(String), isAlarming(plan) ? 'yes' : ''];
}

function countsOf({ counts }: Plan): number[] {
  return [counts.delete, counts.adopt, counts.update, counts.create, counts.unchanged];
}

function restRow(rest: readonly Planning[]): string[] {
  const plans = rest.flatMap(({ plan }) => plan ?? []);
  const sums = plans
    .map(countsOf)
    .reduce((sum, counts) => sum.map((one, index) => one + (counts[index] ?? 0)), [0, 0, 0, 0, 0]);
  const missing = rest.length - plans.length;
  const notes = [
    ...(plans.some(isAlarming) ? [`yes, ${plans.filter(isAlarming).length} of them`] : []),
    ...(missing === 0 ? [] : [`no plan: ${missing} of them`]),
  ];
  return [`and ${rest.length} more`, ...sums.map(String), notes.join('; ')];
}

function groupsIn(review: Review, isDrawn: boolean, shown = review.plannings): Group[] {
  return shown.map((planning) => {
    const { environment, plan, failure } = planning;
    const about = plan === null || !isDrawn ? () => [] : factsIn(plan, review);
    if (plan === null) {
      return { head: failureMarkdown(environment, 'no plan', failure), blocks: [], tail: '' };
    }
    return {
      head: headMarkdown(plan, review.plannings.length > 1),
      blocks: [
        ...plan.changes.map((change) => {
          const { git } = review;
          const before = review.before(environment, change);
          return blockOf({ change, plan }, { git, before }, review, isDrawn ? about : null);
        }),
        ...blockedIn(plan).map((one) => ({
          full: blockedMarkdown(one),
          brief: `- ! ${escapeMarkdown(one.address)} ${leftAs(one.held)}`,
        })),
      ],
      tail: tailMarkdown(planning, plan, review),
    };
  });
}

/** `what` has not come about: `no plan`. */
export function failureMarkdown(environment: string, what: string, failure: string): string {
  return `## ${escapeMarkdown(environment)}: ${what}\n\n> ❌ ${escapeMarkdown(failure)}`;
}

/** Of several, each is called by its name. */
function headMarkdown(plan: Plan, isOneOfMany: boolean): string {
  const scope = scopeText(plan);
  const counts = countsLine(plan.counts);
  const name = escapeMarkdown(plan.environment.name);
  return [
    `## ${isOneOfMany ? counts.replace(/^Plan/, () => name) : counts}`,
    `Environment ${escapeMarkdown(whereText(plan))}`,
    scope === null ? '' : escapeMarkdown(scope),
    attention(plan),
    escapeMarkdown(tablesText(plan) ?? ''),
    plan.changes.length > 0 ? '' : nothingText(plan),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

function nothingText({ blocked, counts }: Plan): string {
  return blocked !== undefined || counts.foreign !== undefined
    ? 'Nothing to apply in what could be compared.'
    : 'Nothing to apply: the org is as these manifests say.';
}

/** What a reviewer must not overlook, in a few lines. */
function attention(plan: Plan): string {
  const unseen = blockedIn(plan).filter(({ held }) => held === undefined);
  const kept = blockedIn(plan).filter(({ held }) => held === 'delete');
  const gone = plan.changes.filter(({ action }) => action === 'delete');
  const again = plan.changes.filter(({ action }) => action === 'replace');
  const overwriting = plan.changes.filter(
    ({ action, fields }) => action !== 'delete' && fields.some(({ cause }) => isDrift(cause)),
  );
  const lines = [
    // A workflow passes no flags: what can be done is in the manifests.
    ...most(alarmsOf(plan, false).map(({ of, text }) => `❌ **${of}** ${escapeMarkdown(text)}`)),
    ...(unseen.length === 0 ? [] : [`❌ **could not be compared:** ${names(unseen)}`]),
    ...(kept.length === 0 ? [] : [`❌ **not deleted:** ${names(kept)}`]),
    ...notesIn(plan).map(({ of, text }) => `⚠️ **${of}** ${escapeMarkdown(text)}`),
    ...(gone.length === 0 ? [] : [`🗑️ **deletes** ${names(gone)}`]),
    ...(again.length === 0
      ? []
      : [`🗑️ **deletes, and makes again under another id** ${names(again)}`]),
    ...(overwriting.length === 0
      ? []
      : [`⚠️ **overwrites what somebody changed in the org:** ${names(overwriting)}`]),
  ];
  return lines.map((line) => `> ${line}`).join('\n>\n');
}

function most(lines: readonly string[]): string[] {
  if (lines.length <= MOST) return [...lines];
  return [...lines.slice(0, MOST), `and ${lines.length - MOST} more of that kind`];
}

function names(changes: readonly Pick<Change, 'address'>[]): string {
  const all = changes.map(({ address }) => escapeMarkdown(address));
  return someOf(all, MOST);
}

/** By name, what the plan says of what calls wait in: `12 → 14 members`. */
function factsIn(plan: Plan, review: Review): (name: string) => readonly string[] {
  const byName = new Map<string, readonly string[]>();
  for (const change of plan.changes) {
    const facts = factsOfChange(change, review);
    if (facts.length > 0) byName.set(objectName(change.address), facts);
  }
  return (name) => byName.get(name) ?? [];
}

function factsOfChange(
  { address, before, after }: Change,
  { factsOf = () => [] }: Pick<Review, 'factsOf'>,
): string[] {
  const [then, now] = [before, after].map((one) => (one === null ? [] : factsOf(address, one)));
  return factsMoved(then ?? [], now ?? []);
}

function blockOf(
  { change, plan }: { readonly change: Change; readonly plan: Plan },
  askers: Askers,
  review: Review,
  /** `null`: nothing is drawn. */
  about: ((name: string) => readonly string[]) | null,
): Block {
  const { action, address, before, after } = change;
  const { routesOf } = review;
  const graph = (): string[] => {
    const routes = (fields: JsonObject | null): readonly Route[] =>
      fields === null ? [] : routesOf(address, fields);
    const [then, now] = [routes(before), routes(after)];
    // Most kinds send calls nowhere.
    if (then.length === 0 && now.length === 0) return [];
    const drawing = routesGraph(objectName(address), then, now, {
      own: factsOfChange(change, review),
      stays: before !== null && after !== null,
      about: about ?? (() => []),
    });
    if (action === 'delete') return [drawing];
    return [`<details><summary>Graph</summary>\n\n${drawing}\n\n</details>`];
  };
  const brief = `- ${SIGN[action]} ${action} ${escapeMarkdown(address)}`;
  const drift = change.fields.some(({ cause }) => isDrift(cause)) ? ' (overwrites drift)' : '';
  return {
    full: [changeMarkdown(change, plan, askers), ...(about === null ? [] : graph())].join('\n\n'),
    brief: action === 'delete' ? brief : `${brief}${drift}`,
  };
}

function tailMarkdown({ run }: Planning, plan: Plan, { runUrl, commit: of }: Review): string {
  const commit = [of ?? plan.commit ?? ''].flatMap((id) =>
    id === '' ? [] : [`commit ${escapeMarkdown(id.slice(0, 12))}${commitSuffix(plan.uncommitted)}`],
  );
  const artifact = run === null ? [] : [`artifact <code>${escapeMarkdown(run)}</code>`];
  const link = runUrl === null ? [] : [`[run](${runUrl})`];
  const footer = [`\`${plan.digest}\``, requestsText(plan), ...commit, ...artifact, ...link].join(
    ' · ',
  );
  return [recordsText(plan) ?? '', `<sub>${footer}</sub>`]
    .filter((part) => part !== '')
    .join('\n\n');
}
