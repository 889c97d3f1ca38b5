/** The one question before something is written, and no writing where it cannot be asked. */
import { WrongUsage } from '../core/errors.js';
import { visible } from '../core/visible.js';
import type { World } from './world.js';

/** Throws `WrongUsage` where nobody can be asked and nobody has agreed beforehand. */
export function refuseUnasked(
  command: string,
  { yes }: { readonly yes?: boolean },
  world: World,
): void {
  if (yes || world.interactive) return;
  throw new WrongUsage(`${command} cannot ask here, because there is no terminal`, {
    hint: 'look at what it would do first, then pass --yes',
  });
}

/** Only "yes" is a yes. */
export async function agreed(question: string, world: World): Promise<boolean> {
  const answer = await world.ask(`\n${visible(question)} Only "yes" is taken as a yes: `);
  return answer.trim() === 'yes';
}
