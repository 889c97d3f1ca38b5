/** The rows of a table before a file of them is sent, and what has become of them after. */
import { same } from '../core/canonical.js';
import type { Catalog } from '../core/catalog.js';
import { PlatformError } from '../core/errors.js';
import type { JsonObject } from '../core/json.js';
import type { Resource } from '../core/resource.js';
import { longestOf, pagesOf } from '../core/row-traffic.js';
import type { Bound } from './bind.js';
import { looksBefore, type BulkLoad } from './bulk-load.js';
import { entitiesAt } from './listings.js';
import { entitySeen, MOST_SINGLY } from './looks.js';
import { itemOrNull, liveOf } from './observe.js';
import type { Clock, Reader } from './ports.js';
import type { Job, Line, RowFile } from './row-import.js';

export class RowLooks {
  private readonly resource: Resource;

  constructor(
    private readonly reader: Reader,
    private readonly clock: Clock,
    private readonly bound: Bound,
    private readonly root: string,
    private readonly catalog: Catalog,
  ) {
    this.resource = bound.resource;
  }

  /** The rows that are to be written, as they are: one by one where that takes fewer requests. */
  async before(
    keys: readonly string[],
    load: BulkLoad,
  ): Promise<ReadonlyMap<string, JsonObject> | PlatformError> {
    if (looksBefore(load) === pagesOf(load.there)) return this.rows();
    return this.found(
      Promise.all(
        keys.map(async (key) => itemOrNull(this.reader, this.resource.itemPath(this.root, key))),
      ),
    );
  }

  /**
   * What there is of the rows of a file once its job has ended; `null` where several looks have
   * found nothing. What a listing lacks, and nobody has asked for by itself, is left out.
   */
  async after({ lines }: RowFile): Promise<ReadonlyMap<string, JsonObject | null> | PlatformError> {
    const listed = await this.rows();
    if (listed instanceof PlatformError) return listed;
    const missing = lines.map(({ row }) => this.idOf(row)).filter((id) => !listed.has(id));
    const { reader, clock } = this;
    const looks = missing.slice(0, MOST_SINGLY).map(async (id) => {
      const row = await entitySeen({ reader, clock }, this.resource, this.root, id);
      return [id, row] as const;
    });
    try {
      return new Map([...listed, ...(await Promise.all(looks))]);
    } catch (error) {
      if (error instanceof PlatformError) return error;
      throw error;
    }
  }

  /** Every row of the table by its id; the error with which they could not be listed. */
  private async rows(): Promise<ReadonlyMap<string, JsonObject> | PlatformError> {
    return this.found(entitiesAt(this.reader, this.resource, this.root));
  }

  private async found(
    asked: Promise<readonly (JsonObject | null)[]>,
  ): Promise<ReadonlyMap<string, JsonObject> | PlatformError> {
    try {
      const rows = await asked;
      return new Map(rows.flatMap((row) => (row === null ? [] : [[this.idOf(row), row] as const])));
    } catch (error) {
      if (error instanceof PlatformError) return error;
      throw error;
    }
  }

  /**
   * The job counts every row as written, and the longest of them reads as it was sent: a file that
   * the platform takes for something else, or cuts, shows there first.
   */
  async isAsCounted({ lines }: RowFile, { complete }: Job): Promise<boolean> {
    if (!complete) return false;
    const longest = longestOf(lines, ({ row }) => row);
    if (longest === undefined) return false;
    const id = this.idOf(longest.row);
    const path = this.resource.itemPath(this.root, id);
    const found = await this.found(itemOrNull(this.reader, path).then((row) => [row]));
    return !(found instanceof PlatformError) && this.isAsSent(found.get(id) ?? null, longest);
  }

  isAsSent(row: JsonObject | null, line: Line): boolean {
    // What nobody has looked at stands for what was sent.
    if (row === line.row) return true;
    // Cells that no field is read from move by themselves only where a rollback writes them.
    return row !== null && same(this.live(row).fields, this.live(line.row).fields);
  }

  asSent({ lines }: RowFile): ReadonlyMap<string, JsonObject> {
    return new Map(lines.map(({ row }) => [this.idOf(row), row]));
  }

  idOf(row: JsonObject): string {
    return this.resource.read(row).id;
  }

  live(row: JsonObject): ReturnType<typeof liveOf> {
    return liveOf(this.bound, row, this.catalog);
  }
}
