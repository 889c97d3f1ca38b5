/** Small questions about addresses, guards, checks and outcomes: what showing a plan needs. */
import { EXIT, type ExitCode } from './errors.js';
import type { Address, CheckResult, GuardResult, Outcome, Plan } from './types.js';

/** `RoutingStrategy` of `RoutingStrategy/billing`. */
export function kindName(address: Address): string {
  return address.slice(0, address.indexOf('/'));
}

/** `billing` of `RoutingStrategy/billing`. */
export function objectName(address: Address): string {
  return address.slice(address.indexOf('/') + 1);
}

/** The code of a command that has looked at everything: 5 where something was not to be seen. */
export function exitOf({ blocked = [] }: Pick<Plan, 'blocked'>, otherwise: ExitCode): ExitCode {
  return blocked.length > 0 ? EXIT.incomplete : otherwise;
}

/**
 * Nothing is declared that was not compared, none of ours lies elsewhere, and an apply would not be
 * refused: only then is "nothing found" said of everything.
 */
export function isWhole(plan: Pick<Plan, 'blocked' | 'counts' | 'elsewhere' | 'guards'>): boolean {
  const { blocked, counts, elsewhere, guards } = plan;
  const isSeen = blocked === undefined && counts.foreign === undefined && elsewhere === undefined;
  return isSeen && failedGuards(guards).length === 0;
}

/** The guards that stand in the way. */
export function failedGuards(guards: readonly GuardResult[]): GuardResult[] {
  return guards.filter(({ passed, overruled }) => !passed && overruled === undefined);
}

/** The code of a command that shows a plan: 4 where an apply of it would be refused. */
export function refusedOr({ guards }: Pick<Plan, 'guards'>, otherwise: ExitCode): ExitCode {
  return failedGuards(guards).length > 0 ? EXIT.refused : otherwise;
}

/** A check that keeps its change from becoming active. */
export function blocks(check: CheckResult): boolean {
  return !check.passed && check.level === 'error';
}

/** The change took effect. */
export function succeeded(outcome: Outcome | undefined): boolean {
  return outcome !== undefined && isSuccess(outcome.state);
}

/** `state`: of a change, as it is on record. */
export function isSuccess(state: string): boolean {
  return SUCCESSES.has(state);
}

const SUCCESSES: ReadonlySet<string> = new Set([
  'created',
  'updated',
  'deleted',
  'adopted',
  'replaced',
]);
