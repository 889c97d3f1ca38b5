/** The suite: what holds for every backend. What cannot be tried somewhere is skipped, and why. */
import { describe, it } from 'vitest';
import { adopting } from './cases/adopting.js';
import { changing } from './cases/changing.js';
import { drifting } from './cases/drifting.js';
import { exporting } from './cases/exporting.js';
import { locking } from './cases/locking.js';
import { losing } from './cases/losing.js';
import { making } from './cases/making.js';
import { moving } from './cases/moving.js';
import { naming } from './cases/naming.js';
import { queues } from './cases/queues.js';
import { removing } from './cases/removing.js';
import { tables } from './cases/tables.js';
import type { Driver, Need } from './drivers.js';
import type { World } from './world.js';

/** A case that is run in a world of its own, where there is all that it needs. */
export type Verify = (
  name: string,
  body: (world: World) => Promise<void>,
  ...needs: readonly Need[]
) => void;

const ROOMS: Readonly<Record<string, (verify: Verify) => void>> = {
  'what is made': making,
  'what is changed': changing,
  'what is removed': removing,
  'what belongs to nobody, or to others': adopting,
  'an org that moves between plan and apply': moving,
  'drift, told apart from what git changes': drifting,
  'answers and memories that are lost': losing,
  'the lock of a run': locking,
  'what is exported': exporting,
  names: naming,
  'the queues of the org': queues,
  'the tables of the org': tables,
};

export function conformance(driver: Driver): void {
  const verify: Verify = (name, body, ...needs) => {
    const [reason] = needs.flatMap((need) => driver.lacks[need] ?? []);
    if (reason !== undefined) {
      it.skip(`${name} (skipped: ${reason})`);
      return;
    }
    it(name, () => inWorld(driver, body), driver.timeoutMs);
  };
  describe(driver.name, () => {
    for (const [what, cases] of Object.entries(ROOMS)) describe(what, () => cases(verify));
  });
}

async function inWorld(driver: Driver, body: (world: World) => Promise<void>): Promise<void> {
  const world = await driver.open();
  try {
    await body(world);
  } finally {
    await world.close();
  }
}
