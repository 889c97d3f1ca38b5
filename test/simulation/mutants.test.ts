/** A safety check taken out has to be noticed: by the invariant that it is there for. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type * as head from '../../src/core/head.js';
import type * as owner from '../../src/core/owner.js';
import type * as ownership from '../../src/core/ownership.js';
import { rowPath } from '../../src/core/table.js';
import type * as references from '../../src/core/references.js';
import type * as verdict from '../../src/core/verdict.js';
import type * as anchor from '../../src/engine/anchor.js';
import type * as ledger from '../../src/engine/ledger.js';
import type * as lock from '../../src/engine/lock.js';
import type * as looks from '../../src/engine/looks.js';
import type * as observe from '../../src/engine/observe.js';
import type * as planning from '../../src/engine/plan.js';
import type { AuditLog } from '../../src/engine/ports.js';
import type { Extent } from './history.js';
import type * as pace from '../../src/genesys/pace.js';

const MOST_SEEDS = 400;

beforeEach(() => {
  // What was loaded with another mutant, or with none.
  vi.resetModules();
});

let place: string | null = null;
afterEach(() => {
  if (place !== null) vi.doUnmock(place);
  vi.resetModules();
});

/** Until the next test, whoever loads the module has these exports of it instead. */
function instead<M extends object>(of: string, mutant: (real: M) => Partial<M>): void {
  place = of;
  vi.doMock(of, async (original) => {
    const real = await original<M>();
    return { ...real, ...mutant(real) };
  });
}

/**
 * True when some history violates this invariant; false when the mutant lives. `first`: the seed to
 * begin with, where those before are known to show nothing.
 */
async function isCaughtBy(
  invariant: string,
  first = 1,
  extent: Extent = 'strategies',
): Promise<boolean> {
  const { drawHistory } = await import('./history.js');
  const { play } = await import('./play.js');
  for (let seed = first; seed < first + MOST_SEEDS; seed += 1) {
    const { violations } = await play(drawHistory(seed, extent));
    if (violations.some((one) => one.invariant === invariant)) return true;
  }
  return false;
}

it('foreign-folder: two folders of one repository would prune each other', async () => {
  instead<typeof owner>('../../src/core/owner.js', ({ partsOfName }) => ({
    sameOwner: (written, us) => {
      const [theirs, ours] = [written, us].map(({ name }) => partsOfName(name).repository);
      return theirs === ours && written.environment === us.environment;
    },
  }));
  expect(await isCaughtBy('apart')).toBe(true);
});

it('head: whoever can write the folder could write its history', async () => {
  instead<typeof anchor>('../../src/engine/anchor.js', ({ Anchor }) => {
    class Mutant extends Anchor {
      override leave(): Promise<void> {
        return Promise.resolve();
      }
    }
    return { Anchor: Mutant };
  });
  expect(await isCaughtBy('anchored')).toBe(true);
});

it('intent: a write that is not on disk before could not be accounted for', async () => {
  instead<typeof ledger>('../../src/engine/ledger.js', ({ Ledger }) => {
    class Mutant extends Ledger {
      constructor(...[writer, audit, patience]: ConstructorParameters<typeof Ledger>) {
        const append: AuditLog['append'] = async (entry) =>
          audit.append(entry.type === 'intent' ? { type: 'checked' } : entry);
        super(writer, { append, last: () => audit.last() }, patience);
      }
    }
    return { Ledger: Mutant };
  });
  expect(await isCaughtBy('witnessed')).toBe(true);
});

it('lagging: after one look a run would leave its lock, and blame somebody for it', async () => {
  instead<typeof lock>('../../src/engine/lock.js', ({ lockIn }) => ({
    release: async (book, rows, run) => {
      if ((await lockIn(book.writer, rows))?.run !== run) return false;
      const look = (): Promise<never> => Promise.reject(new Error('nobody looks'));
      await book.send({ method: 'DELETE', path: rowPath(rows, 'lock') }, { step: 'unlock', look });
      return true;
    },
  }));
  expect(await isCaughtBy('blameless', 19)).toBe(true);
});

it('lock: two runs would write at once', async () => {
  instead<typeof lock>('../../src/engine/lock.js', () => ({
    acquire: () => Promise.resolve([]),
    release: () => Promise.resolve(true),
  }));
  expect(await isCaughtBy('alone')).toBe(true);
});

it('number: a run that looks at no head would begin a history of its own', async () => {
  instead<typeof head>('../../src/core/head.js', () => ({
    behind: (_previous, self) => ({ chain: self, number: 1 }),
  }));
  expect(await isCaughtBy('anchored')).toBe(true);
});

it('one-look: a run would give up the record of what was made a moment ago', async () => {
  instead<typeof looks>('../../src/engine/looks.js', () => ({
    lookUntil: async (_clock, look) => look(),
    entitySeen: async (ports, resource, root, id) =>
      ports.reader.get(resource.itemPath(root, id)).then(
        ({ body }) => body,
        () => null,
      ),
  }));
  expect(await isCaughtBy('converges', 600_372)).toBe(true);
});

it('ownership: strangers would be deleted', async () => {
  instead<typeof ownership>('../../src/core/ownership.js', () => ({
    ownershipOf: () => ({ by: 'us', applied: null, upToDate: true }),
  }));
  expect(await isCaughtBy('untouched')).toBe(true);
});

it('pace: requests would go out while the platform asks for silence', async () => {
  instead<typeof pace>('../../src/genesys/pace.js', ({ Pace }) => {
    class Mutant extends Pace {
      override waitMs(): number {
        return 0;
      }
    }
    return { Pace: Mutant };
  });
  expect(await isCaughtBy('polite', 22)).toBe(true);
});

it('precondition: the edits of people would be overwritten', async () => {
  instead<typeof planning>('../../src/engine/plan.js', ({ makePlan }) => ({
    makePlan: async (ports, input) => {
      const planned = await makePlan(ports, input);
      const changes = planned.plan.changes.map((change) => ({ ...change, precondition: null }));
      return { ...planned, plan: { ...planned.plan, changes } };
    },
  }));
  expect(await isCaughtBy('stale-safe', 255)).toBe(true);
});

it('release: what a listing lacks, and nobody looks for, would be left to nobody', async () => {
  instead<typeof observe>('../../src/engine/observe.js', () => ({
    // Of what a listing lacks, nothing is ever there.
    entityAt: () => Promise.resolve(null),
  }));
  expect(await isCaughtBy('certain', 189)).toBe(true);
});

it('verdict: whoever can write a folder of runs could rewrite its end', async () => {
  instead<typeof verdict>('../../src/core/verdict.js', ({ verdictOn }) => ({
    verdictWith: (runs) => verdictOn(runs, true),
  }));
  expect(await isCaughtBy('tamper-evident')).toBe(true);
});

it('references: what a strategy requires could be deleted before it lets go', async () => {
  instead<typeof references>('../../src/core/references.js', () => ({
    waitForReferences: (changes) => [...changes],
  }));
  expect(await isCaughtBy('referred to', 166, 'references')).toBe(true);
});
