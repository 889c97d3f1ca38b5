/**
 * The parts of an object, written after it: in files where that takes fewer requests, else one
 * request after the other.
 */
import { saysGone } from '../core/errors.js';
import type { PartRequest } from '../core/resource.js';
import type { ChangedObject } from './changed-object.js';
import { Ended, UNRECORDED_HINT } from './ending.js';
import { anyIdIn, type ExecuteInput, type ExecutePorts } from './execution.js';
import { LATE_LOOKS } from './late-parts.js';
import type { Ledger, ObservedEffect, WriteContext } from './ledger.js';
import { itemsOf, parted, partWrites, type FiledRows, type PartWrite } from './parts.js';
import type { Answer } from './ports.js';
import { RowFiling } from './row-filing.js';

const FIRST_WAIT_MS = 250;

export class PartWriting {
  private readonly ports: ExecutePorts;
  private readonly input: ExecuteInput;

  constructor(
    private readonly object: ChangedObject,
    private readonly ledger: Ledger,
  ) {
    [this.ports, this.input] = [object.ports, object.input];
  }

  /** `takeOver`: what has to be done before the first of them. */
  async run(takeOver: () => Promise<void>): Promise<void> {
    const { standing, change, resource, root } = this.object;
    if (standing === null || change.after === null) return;
    const at = resource.itemPath(root, standing.id);
    const all = partWrites(resource, change, at, anyIdIn(this.input));
    if (all.length > 0) await takeOver();
    const { inFiles, singly } = parted(all, this.input.imports !== undefined);
    const left: PartWrite[] = [];
    for (const rows of inFiles) left.push(...(await this.importRows(rows, at)));
    await this.writeSingly([...left, ...singly], inFiles.length > 0);
  }

  private async writeSingly(writes: readonly PartWrite[], isLeft: boolean): Promise<void> {
    const { address, root, done } = this.object;
    let count = 0;
    for (const { part, step, request } of writes) {
      if (count > 0 || isLeft) this.stopIfTold();
      this.ports.events.emit({ type: 'step', address, step: 'update' });
      const id = this.object.standing?.id ?? '';
      const look = async (): Promise<ObservedEffect> => {
        const items = await itemsOf(this.ports.writer, part, root, id);
        return part.isDone(request, items)
          ? { effect: 'took effect', body: null }
          : { effect: 'did not' };
      };
      const errand = { address, ...this.whole(), step, look };
      const send = async (): Promise<Answer> => this.ledger.send(request, errand);
      const answer = part.isSeenLate === true ? await this.onceSeen(request, send) : await send();
      this.object.lastRequest = answer.request;
      count += 1;
      const said = `${part.field}: ${count} of ${writes.length} requests`;
      if (count > 1) done.pop();
      done.push(said);
    }
  }

  /** What this change has just put there may take a while to be there for its next request. */
  private async onceSeen(request: PartRequest, send: () => Promise<Answer>): Promise<Answer> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await send();
      } catch (error) {
        const isAbsent = saysGone(error);
        const mayCome = this.object.done.length > 0 && !Array.isArray(request.body);
        if (!isAbsent || !mayCome || tries >= LATE_LOOKS) throw error;
        await this.ports.clock.sleep(FIRST_WAIT_MS * 2 ** tries);
      }
    }
  }

  /** In one file; the writes that are left to go one by one. */
  private async importRows(rows: FiledRows, at: string): Promise<readonly PartWrite[]> {
    const { address, root, standing } = this.object;
    this.stopIfTold();
    this.ports.events.emit({ type: 'step', address, step: 'update' });
    const { activationTimeoutMs } = this.input;
    const of = { address, root, id: standing?.id ?? '', at, ...this.whole() };
    const filing = new RowFiling(this.ports, this.ledger, activationTimeoutMs);
    const { left, said, request } = await filing.run(rows, of);
    if (request !== null) this.object.lastRequest = request;
    if (said !== '') this.object.done.push(said);
    return left;
  }

  private stopIfTold(): void {
    if (this.object.done.length === 0 || !this.input.interrupted()) return;
    throw new Ended('failed', 'the run was told to stop', UNRECORDED_HINT);
  }

  /** What was there as a whole is said once: it may be thousands of rows. */
  private whole(): Pick<WriteContext, 'before' | 'after' | 'found'> {
    const { before, after } = this.object.change;
    return this.object.done.length === 0 ? { before, after, found: this.object.found() } : {};
  }
}
