/** What a kind declares. Shared code reads these declarations and never asks which kind it has. */
import type { ReferenceTo } from './catalog.js';
import type { RecordField } from './fields.js';
import type { Issue } from './issue.js';
import type { Json, JsonObject } from './json.js';
import type { Order } from './normalise.js';
import type { TableSpec } from './table.js';
import type { Change, CheckLevel, CheckName, LiveState, Manifest } from './types.js';

export interface Kind {
  readonly name: string;
  /** The fields below `spec` that are kept equal with the org. */
  readonly fields: RecordField;
  /** Those of them that are given at its creation, and tell it from another of the same name. */
  readonly content: readonly string[];
  /**
   * The `spec` that asks for an object as it is. `state`: as the wire form read it, for whoever has
   * that. `checks: 'warn'`: it is not to be held back by what is so at the moment.
   */
  asked(
    fields: JsonObject,
    about: { readonly state?: LiveState; readonly checks?: 'warn' },
  ): JsonObject;
  /** Semantic errors of one manifest. */
  rules(manifest: Manifest): Issue[];
  /**
   * Fields that the manifest leaves to the org within limits: returns `desired` with the live
   * values taken over where they are within those limits.
   */
  concede(manifest: Manifest, desired: JsonObject, live: JsonObject): JsonObject;
  /**
   * What has to hold in the org before an object with the fields `after` may be active; `before`
   * are the fields that it has now, `null` for a new one.
   */
  checks(manifest: Manifest, after: JsonObject, before: JsonObject | null): CheckRequest[];
  /** What an optimizer may move in the live object; `null` where the manifest asks for none. */
  tunable(manifest: Manifest, desired: JsonObject, live: JsonObject): Tunable | null;
  /** Things that one object takes from callers, so that a delete waits for whoever takes over. */
  claims(fields: JsonObject): string[];
  /** Where an object with these fields sends calls, for a drawing, in the order of reading. */
  routes(fields: JsonObject): readonly Route[];
  /** What other systems are told of an object with these fields, ids in the place of names. */
  metadata(fields: JsonObject, idOf: IdOf): { readonly status: string; readonly targets: Json };
  /** The queues that an object with these fields sends calls to, in the order of its fields. */
  destinations(fields: JsonObject): Destination[];
  readonly wires: Readonly<Record<string, Wire>>;
}

/** One arrow of a drawing. `to` and `isLast` tell it from the others of its object. */
export interface Route {
  /** Name of where it leads; of two that are called the same, the id. */
  readonly to: string;
  /** What is left when no other route takes the call. */
  readonly isLast: boolean;
  /** Conditions, one in each place: the same place says the same thing of every such route. */
  readonly facts: readonly string[];
}

/** A fallback takes what no target could. The queue is a reference in comparable form. */
export interface Destination {
  readonly queue: Json;
  readonly role: 'target' | 'fallback';
  readonly weight: number;
}

/** References are in comparable form: resolve them with the catalog. */
export interface CheckRequest {
  readonly check: CheckName;
  readonly level: CheckLevel;
  readonly queue: Json;
  readonly skills: readonly Json[];
}

/** How an optimizer behaves: docs/optimizer.md. */
export interface Tuning {
  /** Every weight stays between these. */
  readonly bounds: { readonly min: number; readonly max: number };
  /** Part of the way to the policy's weight that one move goes; above 0, at most 1. */
  readonly smoothing: number;
  /** A weight that would move by no more than this stays. */
  readonly deadBand: number;
  /** No move is greater. */
  readonly maxStep: number;
  /** From one move of a strategy to the next. */
  readonly coolDownMs: number;
  /** Observations that are older move nothing. */
  readonly maxAgeMs: number;
}

/** The weights of an object that an optimizer may move. */
export interface Tunable {
  readonly policy: string;
  readonly tuning: Tuning;
  readonly targets: readonly {
    /** In comparable form. */
    readonly queue: Json;
    readonly tier: number;
    readonly weight: number;
    /** The weight in the manifest. */
    readonly written: number;
    /** `null` where it is not known. */
    readonly capacity: number | null;
  }[];
  /** The object with these weights, one for each of `targets`, and else as it is. */
  with(weights: readonly number[]): JsonObject;
}

/** A request that changes the org. `path` is complete, with its query. */
export interface WriteRequest {
  readonly method: 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly body?: JsonObject;
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

/** A live object as a wire form reads it: fields in the shape of a manifest's `spec`. */
export interface Read {
  readonly id: string;
  readonly name: string;
  readonly state: LiveState;
  readonly errorMessage: string | null;
  readonly version: number | null;
  readonly raw: JsonObject;
}

/** One backend's form of a kind. Pure: what to send and how to read it, not the sending. */
export interface Wire {
  readonly home: Home;
  /** `root` is the path below which the objects live: see `Home`. */
  listing(root: string): { readonly path: string; readonly pageSize: number };
  itemPath(root: string, id: string): string;
  read(entity: JsonObject): Read;
  /** In which order a list of a live object counts: see `normalise.ts`. */
  readonly order: Order;
  /** The part of an object that our writes set, to the last cell. */
  own(entity: JsonObject): JsonObject;
  /** What others keep in the same object, and lose when it is deleted. */
  beside(entity: JsonObject): JsonObject;
  /** What is so in it and no manifest can say, for people; empty for what we have written. */
  oddities(entity: JsonObject): readonly string[];
  /** What the nearest manifest would say, `raw` as `read` has it; `null` where none comes near. */
  meant(raw: JsonObject, entity: JsonObject): JsonObject | null;
  /** The object with these fields as the platform will show it: what every write is made from. */
  entity(name: string, fields: JsonObject, idOf: IdOf): JsonObject;
  steps(change: ChangeContent, root: string): readonly Step[];
  /** Where objects can be written many at a time; `entity` is then a row. */
  readonly bulk: boolean;
  /** What this backend cannot hold of a manifest, found without an org. */
  rules(manifest: Manifest): Issue[];
  /** What it cannot hold of these fields, names resolved. */
  problems(fields: JsonObject): WireProblem[];
  readonly audit: AuditSubject;
}

export type ChangeContent = Pick<Change, 'action' | 'address' | 'before' | 'after' | 'exactly'>;

/** Where objects of a kind live: an endpoint of their own, or the rows of a data table. */
export type Home = { readonly path: string } | { readonly table: Omit<TableSpec, 'name'> };

export interface WireProblem {
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
  holding(field: FieldPlace, entity: JsonObject, idOf: IdOf): (property: string) => boolean;
  /** What `entity` has in that property, as the audit writes it; `null` for nothing. */
  valueIn(entity: JsonObject, property: string): string | null;
}

/** A field by its names, and not by where it stands: `targets["Sales"].weight`. */
export interface FieldPlace {
  /** `targets` */
  readonly top: string;
  /** `Sales`; `null` where it is no item of a list, or all of them. */
  readonly item: string | null;
  /** `weight`; `null` for the item, or the field, as a whole. */
  readonly leaf: string | null;
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

export type KindOf = (name: string) => Kind;
