/** Whether records of older versions, which say less than ours, can be about us alone. */
import { isNamedBefore, type Us } from '../core/owner.js';
import type { State } from '../core/state.js';

/** Us, with a look that is not taken where nothing depends on it. */
export interface UsHere extends Us {
  /** Files of other folders that had the name `before` as well. */
  readonly namesakes?: () => Promise<readonly string[]>;
  /** Whether the repository has this folder, as seen from its top. */
  readonly hasFolder?: (folder: string) => Promise<boolean>;
}

/**
 * The same `us`, once it is known whether others went by the name that an older version gave us.
 * Looked for only where a record has that name: the first apply brings those up to date.
 */
export async function whoWeAre(us: UsHere, records: State['records']): Promise<Us> {
  const { before, namesakes, ...rest } = us;
  if (before === undefined || namesakes === undefined) return us;
  if (![...records.values()].some(({ owner }) => isNamedBefore(owner, us))) return us;
  const [first, ...more] = await namesakes();
  if (first === undefined) return { ...rest, before };
  const others = more.length === 0 ? '' : ` and ${more.length} more`;
  const why = `${first}${others} may have been meant as well`;
  return { ...rest, shared: { name: before, why } };
}
