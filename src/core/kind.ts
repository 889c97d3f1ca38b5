/** What a kind declares. Shared code reads these declarations and never asks which kind it has. */
import type { ReferenceTo } from './catalog.js';
import type { RecordField } from './fields.js';
import type { Issue } from './issue.js';
import type { Json, JsonObject } from './json.js';
import type { Change, CheckLevel, CheckName, LiveState, Manifest } from './types.js';

export interface Kind {
  readonly name: string;
  /** The fields below `spec` that are kept equal with the org. */
  readonly fields: RecordField;
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
  /** Things that one object takes from callers, so that a delete waits for whoever takes over. */
  claims(fields: JsonObject): string[];
  readonly wires: Readonly<Record<string, Wire>>;
}

/** References are in comparable form: resolve them with the catalog. */
export interface CheckRequest {
  readonly check: CheckName;
  readonly level: CheckLevel;
  readonly queue: Json;
  readonly skills: readonly Json[];
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
  /** The checks of the change must pass. */
  | { readonly do: 'check' }
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
  readonly listing: { readonly path: string; readonly pageSize: number };
  itemPath(id: string): string;
  read(entity: JsonObject): Read;
  steps(change: Pick<Change, 'action' | 'address' | 'before' | 'after'>): readonly Step[];
}

export type KindOf = (name: string) => Kind;
