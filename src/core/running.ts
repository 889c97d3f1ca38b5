/** What a change would end that people have begun: it is asked for by itself. */
import type { KindOf } from './kind.js';
import { kindName } from './outcome.js';
import type { Change, GuardResult } from './types.js';

/** No result where nothing that runs is ended. */
export function runningGuard(changes: readonly Change[], kindOf: KindOf): GuardResult[] {
  const ended = changes.flatMap(({ address, before, after }) => {
    const what = before === null ? null : (kindOf(kindName(address)).ends?.(before, after) ?? null);
    return what === null ? [] : [{ text: `${address} would end ${what}`, isGone: after === null }];
  });
  if (ended.length === 0) return [];
  const hint = [
    'let people end it first',
    ...(ended.some(({ isGone }) => !isGone) ? ['take the key out of the manifest'] : []),
    ...(ended.some(({ isGone }) => isGone) ? ['declare it again'] : []),
  ].join(', or ');
  const message = ended.map(({ text }) => text).join('; ');
  return [{ guard: 'running', passed: false, message, hint }];
}
