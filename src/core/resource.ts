/** Where objects live: how they are listed, read and written there, and how audits name them. */
import type { ReferenceTo } from './catalog.js';
import type { Issue } from './issue.js';
import type { Json, JsonObject } from './json.js';
import type { Order } from './normalise.js';
import type { Place } from './place.js';
import type { TableSpec } from './table.js';
import type { Action, Change, LiveState, Manifest } from './types.js';

/** A request that changes the org. `path` is complete, with its query. */
export interface WriteRequest {
  readonly method: 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly body?: JsonObject;
  /** In place of a body: which objects it is about. */
  readonly ids?: readonly string[];
}

/** A request that changes a part of an object: its body may be a list. */
export interface PartRequest extends Omit<WriteRequest, 'body'> {
  readonly body?: JsonObject | readonly JsonObject[];
}

/** The id behind a reference in comparable form. */
export type IdOf = (to: ReferenceTo, reference: Json) => string;

/** Where a change stands: known once the object exists. */
export interface Standing {
  readonly id: string;
  readonly version: number | null;
  /** The object as the platform last showed it; `null` where it has not been looked at. */
  readonly entity: JsonObject | null;
}

/** One step of carrying out a change, in order. */
export type Step =
  /** Sends a write; the answer tells the object's standing. */
  | {
      readonly do: 'write';
      readonly name: 'create' | 'update' | 'activate' | 'delete';
      readonly request: (standing: Standing | null, idOf: IdOf) => WriteRequest;
    }
  /** The object must still be what the plan saw. */
  | { readonly do: 'verify' }
  /** The checks of the change must pass; `otherwise` is done before the change fails. */
  | { readonly do: 'check'; readonly otherwise?: Step }
  /** Polls until the object is active or has failed. */
  | { readonly do: 'await-active' };

export type WriteStep = Extract<Step, { readonly do: 'write' }>;

/** A live object as a resource reads it: fields in the shape of a manifest's `spec`. */
export interface Read {
  readonly id: string;
  readonly name: string;
  readonly state: LiveState;
  readonly errorMessage: string | null;
  readonly version: number | null;
  readonly raw: JsonObject;
}

/** Where objects are listed, and in pages of which size. */
export interface Listing {
  readonly path: string;
  readonly pageSize: number;
  readonly paged?: Paged;
}

/** How a listing is read on. Default: by the numbers of its pages. */
export type Paged = 'by cursor' | 'not at all';

/** Where objects of a kind live and how they are written. Pure: what to send, not the sending. */
export interface Resource {
  readonly home: Home;
  /** `root` is the path below which the objects live: see `Home`. */
  listing(root: string): Listing;
  /** Objects that the listing may leave out whole, where the platform lists them by themselves. */
  listedApart?(root: string): Listing;
  /** The listing leaves out some of an object, which is read by itself where somebody names it. */
  readonly isListedBriefly?: true;
  itemPath(root: string, id: string): string;
  read(entity: JsonObject): Read;
  /** Other things that the platform names along with an object. Default: none. */
  mentions?(entity: JsonObject): readonly Mention[];
  /** What the platform still shows of an object that was deleted. Default: nothing is. */
  isTombstone?(entity: JsonObject): boolean;
  /** In which order a list of a live object counts: see `normalise.ts`. Default: by number. */
  readonly order?: Order;
  /** The part of an object that our writes set, to the last cell. */
  own(entity: JsonObject): JsonObject;
  /** What others keep in the same object, and lose when it is deleted. Default: nothing. */
  beside?(entity: JsonObject): JsonObject;
  /** Places in an object that hold something and no manifest speaks of. Default: not known. */
  unsaid?(entity: JsonObject): readonly string[];
  /** Where people can make objects that no manifest can say. */
  readonly odd?: Oddities;
  /** The object with these fields as the platform will show it: what every write is made from. */
  entity(name: string, fields: JsonObject, idOf: IdOf): JsonObject;
  steps(change: ChangeContent, root: string): readonly Step[];
  /** Fields behind endpoints of their own. `steps` see nothing of them. Default: none. */
  readonly parts?: readonly Part[];
  /** Calls go by weight alone: nothing reads a capacity, and a tier is left as its queues go. */
  readonly readsNoCapacity?: true;
  /** An update can give an object another name. */
  readonly renames?: true;
  /** Objects can be written many at a time, as rows of a file; `entity` is then a row. */
  readonly isBulk?: boolean;
  /** A write sends what a change holds of an object to the last cell (`exactly`), no fields. */
  readonly writesCells?: true;
  /** What cannot be held here of a manifest, found without an org. */
  rules?(manifest: Manifest): Issue[];
  /** What cannot be held here of these fields, names resolved; `live`: of what is there. */
  problems?(fields: JsonObject, live: JsonObject | null): ResourceProblem[];
  /** What the platform does not make of an object that is there: fields in comparable form. */
  refused?(before: JsonObject, after: JsonObject): ResourceProblem[];
  /**
   * Of a rollback, which asks for an object as it was: the same with what has come since and the
   * platform takes away no more; `null` where nothing has. `stays`: what that is, for people.
   */
  lasting?(live: JsonObject, asked: JsonObject): Lasting | null;
  /** What of these specs nothing sees to here, for people; `null` where there is nothing. */
  unenforced?(specs: readonly JsonObject[]): string | null;
  readonly audit: AuditSubject;
  /** Writes a minute that are wholesome, and the key of `spec.rateLimit` that says otherwise. */
  readonly pace?: { readonly setting: string; readonly perMinute: number };
  /** What dependency tracking calls the objects, where flows may use one: `ACDSKILL`. */
  readonly consumers?: string;
  /** What the directory calls them, where people have them: whoever has one loses it with it. */
  readonly heldBy?: Held;
}

/** As the directory calls what it shows of people. */
export type Held = 'skills' | 'languages';

/** A field behind an endpoint of its own: see `part.ts`. */
export interface Part {
  /** The field of the object, at its top. */
  readonly field: string;
  /** What the entries of a map are called, of which a guard counts those that go. */
  readonly entries?: { readonly one: string; readonly many: string };
  page(root: string, id: string): Listing;
  /** How many items the object itself says that it has; absent where it says nothing of them. */
  count?(entity: JsonObject): number | null;
  /** What all pages together say, in the shape of a manifest. */
  read(items: readonly JsonObject[]): Json;
  /** What is named along with the items. Default: nothing. */
  mentions?(items: readonly JsonObject[]): readonly Mention[];
  /** What turns `before` into `after`, in requests that the platform takes, in their order. */
  writes(change: PartChange): readonly PartRequest[];
  /** What that request asks for is so among these items. */
  isDone(request: PartRequest, items: readonly JsonObject[]): boolean;
  /** How the platform's own audit speaks of its entries; absent where it says nothing of them. */
  readonly audit?: PartAudit;
  /** What was written is to be seen only after a while. */
  readonly isSeenLate?: true;
  /** What an entry has when it has just come, until another request says otherwise. */
  readonly fresh?: JsonObject;
  /** What an entry of an object with these fields has of its own. Default: nothing. */
  blank?(fields: JsonObject): JsonObject;
  /** Its items are rows of a data table, of which a file holds many. */
  readonly rows?: PartRows;
}

export interface PartAudit {
  readonly service: string;
  readonly entityType: string;
  /** The key of the entry of that object which a record is about; empty for another's. */
  keyOf(record: AuditedEvent, id: string): string;
}

export interface PartRows {
  /** The path of the rows of the object at that path. */
  path(at: string): string;
  keyOf(row: JsonObject): string;
  /** The row that a request makes; `null` for one that makes none. */
  madeBy(request: PartRequest): JsonObject | null;
  /** The request that makes this row, of one that is there or not. */
  write(at: string, row: JsonObject, isThere: boolean): PartRequest;
}

export interface PartChange {
  /** The path of the object. */
  readonly at: string;
  /** `null` for a new object, which has none yet. */
  readonly before: Json | null;
  readonly after: Json;
  readonly idOf: IdOf;
}

export interface Mention {
  readonly to: ReferenceTo;
  readonly id: string;
  readonly name: string;
}

export interface Oddities {
  /** What is so in an object and no manifest can say, for people; empty for what we wrote. */
  of(entity: JsonObject): readonly string[];
  /** What the nearest manifest would say, `raw` as `read` has it; `null` where none comes near. */
  meant(raw: JsonObject, entity: JsonObject): JsonObject | null;
  /** What of that nearest one people should know. */
  readonly mends: string;
}

/** Of a replacement each half by itself. */
export interface ChangeContent extends Pick<
  Change,
  'address' | 'before' | 'after' | 'exactly' | 'consumers' | 'previously' | 'follows'
> {
  readonly action: Exclude<Action, 'replace'>;
}

/** An endpoint of their own, or the rows of a data table. */
export type Home = { readonly path: string } | { readonly table: HomeTable };

export interface HomeTable extends Omit<TableSpec, 'name'> {
  /** Columns by which one of another name is known for what it holds, whatever else it lacks. */
  readonly knownBy?: readonly string[];
}

export interface Lasting {
  readonly fields: JsonObject;
  readonly stays: readonly string[];
}

export interface ResourceProblem {
  /** Into the fields. */
  readonly pointer: string;
  readonly message: string;
  readonly hint: string;
}

/** How the platform's own audit speaks of the objects. Names: its service mapping. */
export interface AuditSubject {
  readonly service: string;
  readonly entityType: string;
  /** The id of the object that a record is about; empty when it is about none below `root`. */
  idOf(record: AuditedEvent, root: string): string;
  /** Which properties of the live object hold a field of it. */
  holding(field: Place, entity: JsonObject, idOf: IdOf): (property: string) => boolean;
  /** What `entity` has in that property, as the audit writes it; `null` for nothing. */
  valueIn(entity: JsonObject, property: string): string | null;
}

/** One record of the platform's audit: who did what to which object, and where from. */
export interface AuditedEvent {
  /** RFC 3339, UTC. */
  readonly at: string;
  /** The same in milliseconds since 1970. */
  readonly atMs: number;
  readonly action: string;
  readonly entityType: string;
  readonly entityId: string;
  readonly entityName: string;
  /** Path of the object in the API; empty where it is not said. */
  readonly entityUri: string;
  /** Name of the person, else the id; `null` where nobody stood behind it. */
  readonly user: string | null;
  /** Of a client that acts for itself, some orgs have its own id here. */
  readonly userId: string | null;
  readonly client: string | null;
  readonly remoteIp: readonly string[];
  readonly properties: readonly {
    readonly property: string;
    readonly before: readonly string[];
    readonly after: readonly string[];
  }[];
  readonly context: Readonly<Record<string, string>>;
}
