/**
 * A failing history → a smaller one that fails in the same way. The faults that hit are played back
 * without dice first; then whatever can go goes: steps, misfortunes, faults, manifests.
 */
import type { History, Runner, Step } from './history.js';
import type { Played } from './play.js';

const MOST_TRIES = 400;

export async function shrink(
  failing: History,
  failed: Played,
  play: (history: History) => Promise<Played>,
): Promise<{ readonly history: History; readonly played: Played }> {
  const wanted = failed.violations[0]?.invariant;
  let best = { history: failing, played: failed };
  let tries = 0;
  const accept = async (history: History): Promise<boolean> => {
    if (tries >= MOST_TRIES) return false;
    tries += 1;
    const played = await play(history);
    if (played.violations[0]?.invariant !== wanted) return false;
    best = { history, played };
    return true;
  };
  // Without dice, what is taken out moves nothing else.
  await accept({ ...failing, rules: [...failed.hits] });
  const next = async (): Promise<boolean> => {
    for (const candidate of smaller(best.history)) if (await accept(candidate)) return true;
    return false;
  };
  while (await next());
  return best;
}

/** Large cuts first. */
function* smaller(history: History): Generator<History> {
  const { steps, rules, setting } = history;
  for (let size = rules.length; size >= 1; size = Math.floor(size / 2)) {
    for (let from = 0; from < rules.length; from += size) {
      yield { ...history, rules: [...rules.slice(0, from), ...rules.slice(from + size)] };
    }
  }
  for (let index = steps.length - 1; index >= 0; index -= 1) {
    if (steps.length > 1) yield { ...history, steps: without(steps, index) };
  }
  for (const [index, step] of steps.entries()) {
    for (const simpler of simplerSteps(step)) {
      yield { ...history, steps: steps.map((one, at) => (at === index ? simpler : one)) };
    }
  }
  if (setting.settled) yield { ...history, setting: { ...setting, settled: false } };
  if (setting.short !== 0) yield { ...history, setting: { ...setting, short: 0 } };
  if (setting.imports) yield { ...history, setting: { ...setting, imports: false } };
  if (setting.rateLimit !== 0) yield { ...history, setting: { ...setting, rateLimit: 0 } };
}

function* simplerSteps(step: Step): Generator<Step> {
  if (step.do === 'commit') {
    for (const name of Object.keys(step.specs)) {
      const rest = Object.entries(step.specs).filter(([other]) => other !== name);
      yield { ...step, specs: Object.fromEntries(rest) };
    }
  }
  if (step.do !== 'apply') return;
  if (step.rival !== null) yield { ...step, rival: null };
  for (const key of ['killAt', 'stopAt', 'fullDiskAt'] as const) {
    if (step.runner.misfortune[key] === undefined) continue;
    const rest = Object.entries(step.runner.misfortune).filter(([other]) => other !== key);
    const runner: Runner = { ...step.runner, misfortune: Object.fromEntries(rest) };
    yield { ...step, runner };
  }
}

function without<T>(list: readonly T[], index: number): T[] {
  return list.filter((_one, at) => at !== index);
}
