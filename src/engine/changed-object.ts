/**
 * The object of one change: where it is in the org, what is there by now, and what the change says
 * of it. Whoever carries the change out, keeps its record or looks for a lost answer goes by this.
 */
import { same } from '../core/canonical.js';
import { PlatformError } from '../core/errors.js';
import type { Half } from '../core/halves.js';
import type { JsonObject } from '../core/json.js';
import type { Kind } from '../core/kind.js';
import { kindName, objectName } from '../core/outcome.js';
import { preconditionOf } from '../core/plan.js';
import type { Read, Resource, Standing } from '../core/resource.js';
import type { Address, Exact, RequestRecord } from '../core/types.js';
import type { Bound } from './bind.js';
import { exactOf } from './exact.js';
import type { ExecuteInput, ExecutePorts } from './execution.js';
import { isGone } from './listings.js';
import type { Named } from './name-refused.js';
import { entityAt, liveOf } from './observe.js';
import { partsOf, readParts } from './parts.js';

/** An object as it was just read, with those parts that its change touches. */
export interface Sight {
  readonly entity: JsonObject;
  readonly read: Read;
}

interface Beside {
  /** What has already been written of the change, for the message of a failure half-way. */
  readonly done: string[];
  /** Id of what was deleted to be made again: a listing may go on showing it for a while. */
  readonly deleted: string | null;
}

export class ChangedObject {
  readonly bound: Bound;
  readonly kind: Kind;
  readonly resource: Resource;
  readonly root: string;
  readonly address: Address;
  readonly named: Named;
  /** What the org has of it, as last looked at or written; `null` while there is nothing. */
  standing: Standing | null;
  /** The last request that was about it. */
  lastRequest: RequestRecord | undefined;
  readonly done: string[];
  readonly deleted: string | null;

  constructor(
    readonly ports: ExecutePorts,
    readonly input: ExecuteInput,
    readonly change: Half,
    { done, deleted }: Beside,
  ) {
    const { address, id, precondition } = change;
    [this.address, this.done, this.deleted] = [address, done, deleted];
    this.bound = input.binding.of(kindName(address));
    ({ kind: this.kind, resource: this.resource } = this.bound);
    this.root = input.rootOf(this.bound);
    const [{ resource, root }, reader] = [this, ports.writer];
    this.named = { reader, resource, root, address, deleted };
    const version = precondition?.version ?? null;
    this.standing = id === null ? null : { id, version, entity: null };
  }

  /** `PlatformError` also where the platform still shows what was deleted. */
  async fetch(): Promise<Sight> {
    if (this.standing === null) throw new Error(`${this.address} does not exist yet`);
    const { id } = this.standing;
    const of = { resource: this.resource, root: this.root, id };
    // Thousands of members take a while: the object itself is read last, right before its write.
    const below = await readParts(this.ports.writer, of, {}, partsOf(this.change));
    const answer = await this.ports.writer.get(this.resource.itemPath(this.root, id));
    this.lastRequest = answer.request;
    const found = answer.body ?? {};
    if (isGone(this.resource, found)) {
      const { request } = answer;
      const message = `${request.method} ${request.path}: it was deleted`;
      throw new PlatformError('gone', 'deleted', message, { request });
    }
    const entity = { ...found, ...below };
    return { entity, read: this.resource.read(entity) };
  }

  /** `null` where there is no object of this id. */
  async itemAt(id: string): Promise<JsonObject | null> {
    return entityAt(this.ports.writer, this.resource, this.root, id);
  }

  liveFields(entity: JsonObject): JsonObject {
    return liveOf(this.bound, entity, this.input.catalog).fields;
  }

  /** What the plan saw, and nothing else. */
  isAsPlanned(entity: JsonObject): boolean {
    const { precondition } = this.change;
    const live = liveOf(this.bound, entity, this.input.catalog);
    return same({ ...preconditionOf(live, this.ports.hash) }, { ...precondition });
  }

  /** Still as we wrote it, its state apart: nobody has edited it since. */
  isOurs(entity: JsonObject): boolean {
    const wrote = this.standing?.entity ?? null;
    if (wrote === null) return false;
    const [then, now] = [wrote, entity].map((one) => this.liveFields(one));
    return this.kind.identity.every((key) => same(then?.[key], now?.[key]));
  }

  /** What this write ends, as last looked at; a later one of the same change ends our own. */
  found(): Exact | null {
    const { before, action, found = null } = this.change;
    if (before === null || this.done.length > 0) return null;
    const entity = this.standing?.entity ?? null;
    if (entity === null) return found;
    const of = { entity, fields: before, name: objectName(this.address) };
    return exactOf(this.bound, of, this.input.catalog, action === 'delete');
  }
}

export function standingOf(read: Read, entity: JsonObject): Standing {
  return { id: read.id, version: read.version, entity };
}
