/** What an apply does beside the changes of its plan: records that are out of date. */
import type { JsonObject } from '../core/json.js';
import type { Address } from '../core/types.js';

/** Records of the org's state table that do not say what is so. */
export type Chore =
  /** The object is gone and no manifest asks for it: so may its record. `given`: it is given up. */
  | { readonly do: 'release'; readonly address: Address; readonly given?: true }
  /** The object is as the manifest says; its record says something else. */
  | {
      readonly do: 'refresh';
      readonly address: Address;
      readonly id: string;
      readonly fields: JsonObject;
    }
  /** The record is right, and there is a row of an older version or in another table as well. */
  | { readonly do: 'tidy'; readonly address: Address }
  /** The record is right, and in another table than ours. */
  | { readonly do: 'move'; readonly address: Address };
