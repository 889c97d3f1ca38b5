/**
 * Long plans for people: of the entries of one field, such as rows of a table or members of a
 * queue, the first few are shown and the others counted. What goes comes first. A plan as JSON
 * keeps all.
 */
import { addTo } from '../core/grouped.js';
import { namesIn } from '../core/place.js';
import { plural } from '../core/plural.js';
import type { FieldChange } from '../core/types.js';

/** Entries of one field that are shown; one more than these is shown as well. */
const MOST_ENTRIES = 10;

export interface Folded {
  readonly shown: readonly FieldChange[];
  /** Of each field of which not all are shown, how many more: `rows: 490 more (…)`. */
  readonly more: readonly string[];
}

/** The rows of a table, each entry with all of its cells. */
export function folded(fields: readonly FieldChange[]): Folded {
  const byField = new Map<string, Map<string, FieldChange[]>>();
  for (const field of fields) {
    const entry = entryOf(field);
    if (entry === null) continue;
    const entries = byField.get(entry.top) ?? new Map<string, FieldChange[]>();
    addTo(entries, entry.key, field);
    byField.set(entry.top, entries);
  }
  const hidden = new Set<FieldChange>();
  const first = new Map<string, readonly FieldChange[]>();
  const more = [...byField].flatMap(([top, entries]): string[] => {
    const all = [...entries.values()];
    if (all.length <= MOST_ENTRIES + 1) return [];
    const sorted = HOW.flatMap(({ is }) => all.filter((one) => howOf(one) === is));
    const kept = sorted.slice(0, MOST_ENTRIES);
    first.set(top, kept.flat());
    for (const one of all.flat()) hidden.add(one);
    return [moreText(top, sorted.slice(MOST_ENTRIES))];
  });
  if (more.length === 0) return { shown: fields, more };
  const shown = fields.flatMap((field): readonly FieldChange[] => {
    if (!hidden.has(field)) return [field];
    const top = entryOf(field)?.top ?? '';
    const here = first.get(top) ?? [];
    // All that is shown of a field stands where its first entry would.
    first.delete(top);
    return here;
  });
  return { shown, more };
}

function entryOf({
  place = [],
}: FieldChange): { readonly top: string; readonly key: string } | null {
  const { top, item } = namesIn(place);
  // Below a list of what has more to it than a name, as rings and targets, nothing is left out.
  return item === null || typeof place[1] === 'string' ? null : { top, key: item };
}

type How = 'gone' | 'changed' | 'new';

const HOW: readonly { readonly is: How }[] = [{ is: 'gone' }, { is: 'changed' }, { is: 'new' }];

function howOf(fields: readonly FieldChange[]): How {
  const [only] = fields;
  const isWhole = fields.length === 1 && only?.place?.length === 2;
  if (isWhole && only.after === undefined) return 'gone';
  return isWhole && only.before === undefined ? 'new' : 'changed';
}

function moreText(top: string, rest: readonly (readonly FieldChange[])[]): string {
  const counts = HOW.map(({ is }) => [rest.filter((one) => howOf(one) === is).length, is] as const);
  const parts = counts.filter(([count]) => count > 0).map(([count, is]) => `${count} ${is}`);
  const what = parts.length > 1 ? ` (${parts.join(', ')})` : ` ${parts[0]?.split(' ')[1] ?? ''}`;
  return `${top}: ${plural(rest.length, 'more', 'more')}${what}; the plan as JSON has all`;
}
