/**
 * Group commit: one write, and one sync, for all that is there to be written by then. Whoever puts
 * an item waits until it is on disk, as if it went by itself; a thousand that are put at once wait
 * for one sync and not for a thousand.
 */

/** So many items at most go together: they are held in memory as text meanwhile. */
const MOST_AT_ONCE = 1000;

interface Waiting<T, R> {
  readonly item: T;
  readonly done: (result: R) => void;
  readonly failed: (error: unknown) => void;
}

export class GroupCommit<T, R> {
  private readonly waiting: Waiting<T, R>[] = [];
  private writing: Promise<void> = Promise.resolve();
  private idle = true;

  /**
   * `write` gets items in the order in which they were put, and is not called again before it has
   * ended. It answers each of them, or rejects for all, none of which is then on disk.
   */
  constructor(private readonly write: (items: readonly T[]) => Promise<readonly R[]>) {}

  async put(item: T): Promise<R> {
    return new Promise<R>((done, failed) => {
      this.waiting.push({ item, done, failed });
      if (this.idle) this.writing = this.drain();
    });
  }

  /** Resolves once everything that was put has been written, or has failed. */
  async idled(): Promise<void> {
    await this.writing;
  }

  private async drain(): Promise<void> {
    this.idle = false;
    // What is put in the same breath goes with the first.
    await Promise.resolve();
    while (this.waiting.length > 0) {
      const together = this.waiting.splice(0, MOST_AT_ONCE);
      try {
        const results = await this.write(together.map(({ item }) => item));
        together.forEach(({ done }, index) => done(results[index] as R));
      } catch (error) {
        // Items that come later are still tried, and fail by themselves.
        for (const { failed } of together) failed(error);
      }
    }
    this.idle = true;
  }
}
