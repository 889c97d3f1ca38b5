/** A timeline → text, one JSON document, JSON lines, and CloudEvents for collectors of events. */
import { durationText } from '../core/duration.js';
import { isBounded, type Json } from '../core/json.js';
import { leavesMoved } from '../core/leaves.js';
import { CLOCKS_MS, type Skew, type Whose } from '../core/deeds.js';
import type { TimelineEntry } from '../core/trail.js';
import { plural } from '../core/plural.js';
import { visible, visibleJson } from '../core/visible.js';
import { escapeHtml, page, table as tableHtml } from './html.js';
import { jsonText } from './json.js';
import { document, escapeMarkdown, table } from './markdown.js';
import type { Style } from './style.js';
import { valueText } from './value.js';
import { namedPath } from './wording.js';

export interface TrailReport {
  readonly environment: string;
  readonly organization: { readonly id: string; readonly name: string };
  /** RFC 3339, UTC. */
  readonly from: string;
  readonly to: string;
  readonly entries: readonly TimelineEntry[];
  readonly skews: readonly Skew[];
  /** What could not be read, and why. */
  readonly gaps: readonly { readonly what: string; readonly why: string }[];
}

/** `nameOf`: the name behind an id that a property has in its path, or the id again. */
export function trailText(
  report: TrailReport,
  nameOf: (id: string) => string,
  style: Style,
): string {
  const { environment, organization, from, to, entries } = report;
  const where = `${visible(environment)} (organization "${visible(organization.name)}")`;
  return [
    style.strong(`Environment ${where}, ${from} to ${to}`),
    ...entries.map((entry) => entryText(entry, nameOf, style)),
    ...notesIn(report).map((note) => `${style.warn('!')} ${note}`),
    style.strong(totalText(report)),
  ].join('\n');
}

/** One line: when, what was done to what, by whom, from where; changes on lines of their own. */
function entryText(entry: TimelineEntry, nameOf: (id: string) => string, style: Style): string {
  const { at, source, action, what, who, from, run, outcome, whose } = entry;
  const by = [
    `by ${visible(who)}${whose === null ? '' : WHOSE[whose]}`,
    from.length === 0 ? '' : `from ${from.map(visible).join(' ')}`,
    run === null ? '' : `run ${visible(run)}`,
  ].filter((part) => part !== '');
  const sign = source === 'platform' ? '•' : '›';
  const said = outcome === '' ? '' : `: ${visible(outcome)}`;
  const head = `${style.faint(visible(at))} ${sign} ${visible(action)} ${visible(what)}${said}`;
  const moved = changesIn(entry, nameOf).map((text) => `    ${text}`);
  return [`${head}  ${style.faint(by.join(', '))}`, ...moved].join('\n');
}

/** The platform knows the client and nobody behind it. */
const WHOSE: Readonly<Record<Whose, string>> = {
  ours: '',
  'not ours': ' (same client, not one of our writes)',
  unknown: ' (same client, perhaps one of our writes)',
};

/** One line a field. What was made or removed as a whole needs none: JSON has all of it. */
function changesIn({ action, changes }: TimelineEntry, nameOf: (id: string) => string): string[] {
  const shown = /^(created?|deleted?)$/i.test(action)
    ? []
    : changes.flatMap((one) => fieldsIn(one));
  const moved = shown.slice(0, MOST_CHANGES).map(({ property, before, after }) => {
    return `${visible(namedPath(property, nameOf))}: ${visible(before)} → ${visible(after)}`;
  });
  const more = shown.length - moved.length;
  return more > 0 ? [...moved, `and ${plural(more, 'more field', 'more fields')}`] : moved;
}

export interface FieldMoved {
  readonly property: string;
  readonly before: string;
  readonly after: string;
}

/** What the platform keeps as a JSON document in one property is told field by field. */
export function fieldsIn(
  { property, before, after }: TimelineEntry['changes'][number],
  width: Width = WIDTH,
): FieldMoved[] {
  const moved = (path: string, from: string, to: string): FieldMoved => {
    const [old, now] = excerptsOf(from, to, width);
    return { property: path, before: old, after: now };
  };
  const documents = documentsIn(before, after);
  if (documents === null) return [moved(property, before.join(', '), after.join(', '))];
  const leaves = leavesMoved(...documents);
  if (leaves.length === 0) return [{ property, before: 'the same', after: 'written otherwise' }];
  return leaves.map(({ path, ...one }) => {
    const [from, to] = [one.before, one.after].map((value) =>
      value === undefined ? '' : valueText(value),
    );
    const isName = path === '' || path.startsWith('[');
    return moved(`${property}${isName ? '' : '.'}${path}`, from ?? '', to ?? '');
  });
}

/** `null` where a value of the two is no document, or there is none at all. */
function documentsIn(
  ...sides: readonly (readonly string[])[]
): [Json | undefined, Json | undefined] | null {
  const found = sides.map((values) => {
    const [only = ''] = values;
    return values.length > 1 ? null : only === '' ? undefined : documentIn(only);
  });
  const isNone = found.every((one) => one === undefined);
  if (isNone || found.some((one) => one === null)) return null;
  return [found[0] ?? undefined, found[1] ?? undefined];
}

/** Deeper or larger is nothing that a person reads field by field. */
const DOCUMENT = { depth: 32, values: 10_000 } as const;

function documentIn(text: string): Json | null {
  if (!/^\s*[[{]/.test(text) || !isBounded(text, DOCUMENT.depth, DOCUMENT.values)) return null;
  try {
    return JSON.parse(text) as Json;
  } catch {
    return null;
  }
}

const MOST_CHANGES = 20;

interface Width {
  /** Characters of a value that are shown. */
  readonly most: number;
  /** Of them those before what moved: a long value shows what moved in it, and not the rest. */
  readonly before: number;
}

const WIDTH: Width = { most: 80, before: 30 };

/** Two values, each within its width, from a little before they begin to differ. */
function excerptsOf(
  before: string,
  after: string,
  { most, before: shownBefore }: Width = WIDTH,
): [string, string] {
  const isLong = Math.max(before.length, after.length) > most;
  let same = 0;
  while (same < before.length && before[same] === after[same]) same += 1;
  const from = isLong ? Math.max(0, same - shownBefore) : 0;
  const excerpt = (text: string): string => {
    if (text === '') return '(none)';
    const shown = text.slice(from, from + most).toWellFormed();
    const isCut = text.length > from + most;
    return `${from > 0 ? '…' : ''}${shown}${isCut ? '…' : ''}`;
  };
  return [excerpt(before), excerpt(after)];
}

/** What a reader has to know before the absence of an entry means anything. */
function notesIn({ gaps, skews, entries }: TrailReport): string[] {
  const doubtful = entries.filter(({ whose }) => whose === 'unknown').length;
  return [
    ...gaps.map(({ what, why }) => `not in it, ${visible(what)}: ${visible(why)}`),
    ...skews.map(({ run, aheadMs }) => {
      const way = aheadMs > 0 ? 'ahead of' : 'behind';
      const apart = durationText(Math.abs(aheadMs));
      return (
        `the clock of run ${visible(run)} seems ${apart} ${way} the platform's: ` +
        'each of its writes has an event that far from it'
      );
    }),
    ...(doubtful === 0
      ? []
      : [
          `${plural(doubtful, 'event')} of our own client may be of a run here, and nobody can ` +
            `tell: a write of ours is known by its object, its action and its time, of which ` +
            `the clocks may be ${durationText(CLOCKS_MS)} apart`,
        ]),
  ];
}

function totalText({ entries, gaps }: TrailReport): string {
  const platform = entries.filter(({ source }) => source === 'platform').length;
  const own = entries.length - platform;
  const parts = gaps.length === 0 ? '' : ' Parts are missing.';
  return (
    `Trail: ${plural(platform, 'event')} of the platform, ` +
    `${plural(own, 'record')} of our own runs.${parts}`
  );
}

const HEAD = ['When (UTC)', 'Of', 'What', 'Who', 'From', 'Changes', 'Run'] as const;

function cellsOf(entry: TimelineEntry, nameOf: (id: string) => string): string[] {
  const { at, source, action, what, who, from, run, outcome, whose } = entry;
  const said = outcome === '' ? `${action} ${what}` : `${action} ${what}: ${outcome}`;
  const of = source === 'platform' ? 'the platform' : 'our run';
  const by = `${who}${whose === null ? '' : WHOSE[whose]}`;
  return [at, of, said, by, from.join(' '), changesIn(entry, nameOf).join('; '), run ?? ''];
}

export function trailMarkdown(report: TrailReport, nameOf: (id: string) => string): string {
  const { entries, environment, organization, from, to } = report;
  const where = `${visible(environment)} (organization "${visible(organization.name)}")`;
  return document([
    `## ${escapeMarkdown(totalText(report))}`,
    escapeMarkdown(`Environment ${where}, ${from} to ${to}`),
    entries.length === 0
      ? ''
      : table(
          HEAD,
          entries.map((entry) => cellsOf(entry, nameOf)),
        ),
    notesIn(report)
      .map((note) => `- ${escapeMarkdown(note)}`)
      .join('\n'),
  ]);
}

export function trailHtml(report: TrailReport, nameOf: (id: string) => string): string {
  const { entries, environment, organization, from, to } = report;
  const where = `${environment} (organization "${organization.name}")`;
  return page(totalText(report), [
    `<p>${escapeHtml(`Environment ${where}, ${from} to ${to}`)}</p>`,
    ...notesIn(report).map((note) => `<p class="note">! ${escapeHtml(note)}</p>`),
    entries.length === 0
      ? ''
      : tableHtml(
          HEAD,
          entries.map((entry) => cellsOf(entry, nameOf)),
        ),
  ]);
}

export function trailJson(report: TrailReport): string {
  return jsonText(report);
}

/** One entry a line; nothing else, so that it can be appended to what was read before. */
export function trailLines({ entries }: TrailReport): string {
  return entries.map((entry) => `${visibleJson(JSON.stringify(entry))}\n`).join('');
}

/** CloudEvents 1.0 in the JSON format, one event a line. `source` and `id` tell repetitions. */
export function trailCloudEvents({ entries, environment, organization }: TrailReport): string {
  return entries
    .map((entry) => {
      const { at, id, source, action, what } = entry;
      const place =
        source === 'platform'
          ? `/organizations/${encodeURIComponent(organization.id)}/audits`
          : `/environments/${encodeURIComponent(environment)}/runs`;
      const event = {
        specversion: '1.0',
        id,
        source: place,
        type: `strategos.${source}.${typeWord(action)}`,
        subject: what,
        time: at,
        datacontenttype: 'application/json',
        data: entry,
      };
      return `${visibleJson(JSON.stringify(event))}\n`;
    })
    .join('');
}

function typeWord(action: string): string {
  return action.toLowerCase().replace(/[^a-z0-9]+/g, '-') || 'unknown';
}
