/**
 * Where something stands in an object, as data: `['targets', { key: 'Sales' }, 'weight']`. It
 * becomes text where people read it, and no text is ever read back.
 */

export type Place = readonly PlaceStep[];

/** A field by its name, an item or an entry by its key, or the order of a list. */
export type PlaceStep = string | PlacedItem | { readonly order: true };

export interface PlacedItem {
  readonly key: string;
  /** From 2: the nth with that key. A platform may hold a key twice; a manifest may not. */
  readonly nth?: number;
}

/** `targets["Support Tier 1"].weight` */
export function placeText(place: Place): string {
  return place.map(stepText).join('');
}

function stepText(step: PlaceStep, index: number): string {
  if (typeof step === 'string') return index === 0 ? step : `.${step}`;
  if ('order' in step) return ' (order)';
  return `[${JSON.stringify(step.key)}]${step.nth === undefined ? '' : ` #${step.nth}`}`;
}

/** One place is the other, or holds it. */
export function overlaps(a: Place, b: Place): boolean {
  const [outer, inner] = a.length <= b.length ? [a, b] : [b, a];
  return outer.every((step, index) => isStep(step, inner[index]));
}

export function isSamePlace(a: Place, b: Place): boolean {
  return a.length === b.length && overlaps(a, b);
}

function isStep(a: PlaceStep, b: PlaceStep | undefined): boolean {
  if (typeof a === 'string' || b === undefined || typeof b === 'string') return a === b;
  if ('order' in a || 'order' in b) return 'order' in a && 'order' in b;
  return a.key === b.key && a.nth === b.nth;
}

/** A place by its names: field, first item, and the field of that, else the field below the top. */
export interface PlaceNames {
  /** `targets` */
  readonly top: string;
  /** `Sales`; `null` where it is no item of a list, or all of them. */
  readonly item: string | null;
  /** `weight`; `null` for the item, or the field, as a whole. */
  readonly leaf: string | null;
}

export function namesIn(place: Place): PlaceNames {
  const at = place.findIndex((step) => typeof step !== 'string' && 'key' in step);
  const item = place[at];
  const [top = ''] = place;
  const below = place[at < 0 ? 1 : at + 1];
  return {
    top: typeof top === 'string' ? top : '',
    item: typeof item === 'object' && 'key' in item ? item.key : null,
    leaf: typeof below === 'string' ? below : null,
  };
}
