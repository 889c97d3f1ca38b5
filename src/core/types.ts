/**
 * The nouns. `manifest` is what a person wrote, `desired` what it means, `live` what the org has,
 * a `change` is what would make them equal, an `outcome` what became of a change.
 */
import type { Prediction } from './prediction.js';
import type { Location } from './issue.js';
import type { Json, JsonObject } from './json.js';
import type { Unresolved } from './normalise.js';
import type { Place } from './place.js';
import type { Uncommitted } from './uncommitted.js';

/** `Kind/name`, unique in an environment: `RoutingStrategy/billing`. */
export type Address = `${string}/${string}`;

/** SHA-256 of canonical JSON as `sha256:` and 64 hexadecimal digits. */
export type Digest = `sha256:${string}`;

/**
 * Hashes text (UTF-8) to a digest: as a whole, or in the pieces that the argument puts. Injected,
 * because the core has no `node:crypto`.
 */
export type Hash = (content: string | ((put: Put) => void)) => Digest;

/** What is in `piece` is another's as soon as this has returned. */
export type Put = (piece: Uint8Array, isLast: boolean) => void;

/** Where each value of a manifest was written. */
export interface Positions {
  /**
   * The place of the value at an RFC 6901 pointer. For an entry of a mapping the place of its key,
   * for an item of a sequence the place of the item. Falls back to the nearest parent that has one.
   */
  at(pointer: string): Location;
  /** A number, `true` or `false` as it is written, where that is not how JSON writes it. */
  written?(pointer: string): string | null;
  /** True where all of the document is known to stand in one file. */
  readonly isOfOneFile?: boolean;
}

/** One YAML document that has passed its schema and its kind's rules, overlays applied. */
export interface Manifest {
  readonly kind: string;
  readonly name: string;
  readonly body: JsonObject;
  readonly positions: Positions;
}

/** What a manifest asks of the org, in comparable form: see `normalise.ts`. */
export interface Desired {
  readonly address: Address;
  readonly kind: string;
  readonly name: string;
  /** Only the keys that the manifest manages; an absent key stays as it is in the org. */
  readonly fields: JsonObject;
  /** The manifest line behind a pointer into `fields`. */
  readonly at: (pointer: string) => Location;
  readonly manifest: Manifest;
  /** The object as a run found it, which `fields` were read from; absent for what git asks for. */
  readonly exactly?: JsonObject;
  /** What is to be known of it beside its fields, for people; absent where that is nothing. */
  readonly remarks?: readonly string[];
  /** What others get as another name in the same plan; absent where it names none of them. */
  readonly renamed?: (to: string, name: string) => string | null;
}

/** Life-cycle state of a live object; `processing` is anything between draft and active. */
export type LiveState = 'draft' | 'active' | 'failed' | 'processing';

/** What the org has, in comparable form. */
export interface Live {
  readonly address: Address;
  readonly kind: string;
  readonly name: string;
  readonly id: string;
  readonly state: LiveState;
  readonly errorMessage: string | null;
  /** What the org calls it, where a manifest says that it is to be called `name` from now on. */
  readonly previously?: string;
  /** Rises with every write where the platform counts; `null` where it does not. */
  readonly version: number | null;
  readonly fields: JsonObject;
  /** References of it that stand for nothing in the org; absent where there are none. */
  readonly dangling?: readonly Unresolved[];
  /** As the platform shows it: fields do not say all that is in it. */
  readonly entity: JsonObject;
}

/** What keeps an object from being compared with its manifest, for people. */
export interface Obstacle {
  /** Subject apart: `the org has no queue "Billing"`. */
  readonly message: string;
  /** Every way to mend it. */
  readonly hint?: string;
  /** The manifest line; `null` where no line is to blame. */
  readonly at: { readonly file: string; readonly line: number } | null;
}

/** An object that a plan leaves as it is, because nobody can say what should become of it. */
export interface Blocked {
  readonly address: Address;
  readonly obstacles: readonly Obstacle[];
  /** It would be deleted, but for them: it could be compared. */
  readonly held?: 'delete';
}

/** An object to the last cell, where its fields do not say all of it. */
export interface Exact {
  /** What a wire form calls its own; with what is beside that, where it is about to be deleted. */
  readonly entity: JsonObject;
  /** References in it that nothing in the org answered to then: `queue:Old sales`. */
  readonly unknown: readonly string[];
}

/** `replace`: delete, and create under another id, as no write makes the change. */
export type Action = 'create' | 'update' | 'delete' | 'adopt' | 'replace';

export interface Operation {
  readonly op: 'add' | 'remove' | 'replace' | 'move' | 'copy' | 'test';
  readonly path: string;
  readonly from?: string;
  readonly value?: Json;
}

/** One field that moves. `before` or `after` is absent where the field is not there. */
export interface FieldChange {
  /** For people: `targets["Support Tier 1"].weight`. */
  readonly path: string;
  /** The same as data; absent in older plans. */
  readonly place?: Place;
  readonly before?: Json;
  readonly after?: Json;
  readonly at: { readonly file: string; readonly line: number } | null;
  /** Why it moves, by what was last applied; `null` where that is not known. */
  readonly cause: Cause | null;
  /** What was last applied there, where neither side still has it. */
  readonly applied?: Json;
}

/**
 * `git`: the manifest says something else than was last applied. `drift`: the org has something
 * else than was last applied, and the change would overwrite it. `both`: each has moved.
 */
export type Cause = 'git' | 'drift' | 'both';

export type CheckName = 'skills' | 'capacity';
export type CheckLevel = 'error' | 'warn' | 'off';

/** One check of one target, with its numbers in the message. */
export interface CheckResult {
  readonly check: CheckName;
  readonly level: CheckLevel;
  readonly subject: string;
  readonly passed: boolean;
  readonly message: string;
}

/** Something in the org that names another by its id, such as a flow. */
export interface Consumer {
  readonly id: string;
  readonly name: string;
  /** As the platform writes it, `12.0`; empty where it says none. */
  readonly version: string;
  /** `INBOUNDCALLFLOW` */
  readonly type: string;
}

/** What an answer says, or why there is none: then nobody knows whether it is used. */
export type Consumers =
  { readonly found: readonly Consumer[]; readonly unread?: Unread } | { readonly unread: Unread };

export interface Unread {
  readonly message: string;
}

export interface Change {
  readonly action: Action;
  readonly address: Address;
  readonly id: string | null;
  /** The name that it has now, where the change gives it another: that of its address. */
  readonly previously?: string;
  /** What the object must still be when the write is sent. */
  readonly precondition: { readonly version: number | null; readonly digest: Digest } | null;
  readonly before: JsonObject | null;
  readonly after: JsonObject | null;
  /** What was found, where writing `before` would not give it; absent where it would. */
  readonly found?: Exact;
  /** What is written instead of what `after` would give: an object as a run found it. */
  readonly exactly?: JsonObject;
  /** Of what goes, or gets another name: what else in the org uses it, where something may. */
  readonly consumers?: Consumers;
  /** Of what goes: how many people have it, and lose it; absent where nobody does, or can have. */
  readonly agents?: number;
  /** What it refers to is made again in the same run, under another id; absent where nothing is. */
  readonly follows?: readonly Address[];
  /**
   * Others of a circle of names that is made, or deleted: a create names them in a second write,
   * after they are there, a delete lets go of them in a first one. Absent where there is none.
   */
  readonly closes?: readonly Address[];
  /** What is to be known of it beside its fields; absent where that is nothing. */
  readonly remarks?: readonly string[];
  /** RFC 6902, from `before` to `after`. Empty for create and delete. */
  readonly operations: readonly Operation[];
  readonly fields: readonly FieldChange[];
  /** Changes that must have succeeded before this one may start. */
  readonly waitsFor: readonly Address[];
  readonly checks: readonly CheckResult[];
}

/**
 * `adoption` gives way to --adopt, `ownership` to nothing, the others to --force. `agents`: a
 * strategy would have none left, which is another matter than `Change.agents`.
 */
export type GuardName =
  | 'maxDeletes'
  | 'maxChanges'
  | 'room'
  | 'consumers'
  | 'agents'
  | 'running'
  | 'adoption'
  | 'ownership';

export interface GuardResult {
  readonly guard: GuardName;
  /** Of the objects that were counted; absent where it is about no kind, and in older plans. */
  readonly kind?: string;
  readonly passed: boolean;
  /** Over its percentage, and passed because so few objects are live that none counts yet. */
  readonly waived?: true;
  /** The flag that was given to overrule it: for showing, of a plan that is carried out. */
  readonly overruled?: string;
  /** The arithmetic. */
  readonly message: string;
  /** What else can be done but overrule it; absent where it passed. See `guardText`. */
  readonly hint?: string;
}

/** Addresses of live objects that a plan does not touch, and that somebody may expect it to. */
export interface LeftAlone {
  /** Ours; prune would delete them. */
  readonly unmanaged: readonly Address[];
  /** Nobody's, or another owner's. */
  readonly strangers: readonly Address[];
  /** Declared and as their manifests say, but nobody's: `adopt` makes them ours. */
  readonly unowned: readonly Address[];
}

/** What is ours and not where this environment has its objects now. */
export interface Elsewhere {
  /** `the data table "Routing Strategies"` */
  readonly place: string;
  /** The table of records that say whose they are. */
  readonly records: string;
  /** As `ownerText` says it; empty where it is us, as we are called now. */
  readonly whose: string;
  /** How many objects those records speak of; `null` where they could not be read. */
  readonly recorded: number | null;
  /** How many of them are there; `null` where that could not be seen. */
  readonly live: number | null;
  /** Those, else those on record: `2 strategies and 1 skill`. Absent: strategies alone. */
  readonly what?: string;
}

/** What the manifest of a live object says of its weights, and what they are now. */
export interface Tuned {
  readonly address: Address;
  readonly targets: readonly {
    readonly queue: string;
    readonly written: number;
    readonly live: number;
  }[];
}

export interface Counts {
  readonly create: number;
  readonly update: number;
  readonly delete: number;
  readonly adopt: number;
  /** Deleted and made again; absent where none is. */
  readonly replace?: number;
  readonly unchanged: number;
  /** Objects that could not be compared; absent where there are none. */
  readonly blocked?: number;
  /** Declared by a manifest and another owner's: not compared. Absent where there are none. */
  readonly foreign?: number;
}

/** Of a whole apply, its own planning included. */
export interface Estimate {
  /** About how many. */
  readonly requests: number;
  /** Requests a minute that the rate limit left to us; `null` where the platform did not say. */
  readonly perMinute: number | null;
  /** Writes among them that go more slowly than that; absent where there are none. */
  readonly paced?: readonly Paced[];
}

export interface Paced {
  readonly kind: string;
  readonly writes: number;
  readonly perMinute: number;
}

/** A plan is data: this is what `plan --out` writes and `apply` executes. See `plan.ts`. */
export interface Plan {
  readonly format: 1;
  readonly tool: { readonly name: 'strategos'; readonly version: string };
  readonly commit: string | null;
  /** Absent where the commit has all that was read, and outside of a repository. */
  readonly uncommitted?: Uncommitted;
  readonly environment: {
    readonly name: string;
    readonly backend: string;
    readonly host: string;
    /** Names of the data tables of the objects and of our records. */
    readonly tables: { readonly objects: string; readonly state: string };
  };
  readonly organization: { readonly id: string; readonly name: string };
  /** Names given with `--target`; `null` means everything. */
  readonly scope: readonly string[] | null;
  /** Digest of every manifest of the environment. */
  readonly manifests: Digest;
  /** Digest of what was found in the org, within scope. */
  readonly observed: Digest;
  /** Names that the changes use, and the ids that they stood for when the plan was made. */
  readonly references: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Data tables that the org lacks and that an apply makes before anything else, by name. */
  readonly tables: readonly string[];
  readonly changes: readonly Change[];
  readonly counts: Counts;
  /** What could not be compared, by address; absent where everything could. */
  readonly blocked?: readonly Blocked[];
  /** Objects of ours in places of another name, which no change touches; absent where none are. */
  readonly elsewhere?: readonly Elsewhere[];
  /** Live objects that no change touches; absent where there are none. */
  readonly leftAlone?: LeftAlone;
  /** What nothing in the org sees to of what is asked for; absent where all is seen to. */
  readonly unenforced?: readonly string[];
  /** Cells that name what the org has not, for people; absent where there are none. */
  readonly dangling?: readonly string[];
  /** Where optimizers have moved on from the written weights; absent where they have nowhere. */
  readonly tuned?: readonly Tuned[];
  readonly guards: readonly GuardResult[];
  /** Records of what is ours that an apply brings up to date beside the changes. */
  readonly records: number;
  /** Requests that making the plan took. */
  readonly requests: number;
  /** What it will do to callers; absent where nobody asked. Not in the digest. */
  readonly prediction?: Prediction;
  /** What an apply will need; absent where there is nothing to do, and in older plans. */
  readonly estimate?: Estimate;
  /** Over everything that an apply acts on; the same org and manifests give the same digest. */
  readonly digest: Digest;
}

/** What became of a change. `blocked`: not tried, for what it waits for or as the run ended. */
export type OutcomeState =
  'created' | 'updated' | 'deleted' | 'adopted' | 'replaced' | 'failed' | 'stale' | 'blocked';

export interface Outcome {
  readonly address: Address;
  readonly action: Action;
  readonly state: OutcomeState;
  /** Empty when it succeeded without remark. */
  readonly message: string;
  readonly hint?: string;
  readonly request?: RequestRecord;
}

/** One request to the platform. `status` is `null` when no answer came. */
export interface RequestRecord {
  readonly method: string;
  readonly path: string;
  readonly status: number | null;
  readonly correlationId: string | null;
}
