/** Small questions about addresses, guards, checks and outcomes: what showing a plan needs. */
import type { Address, CheckResult, GuardResult, Outcome } from './types.js';

/** `RoutingStrategy` of `RoutingStrategy/billing`. */
export function kindName(address: Address): string {
  return address.slice(0, address.indexOf('/'));
}

/** `billing` of `RoutingStrategy/billing`. */
export function objectName(address: Address): string {
  return address.slice(address.indexOf('/') + 1);
}

/** The guards that stand in the way. */
export function failedGuards(guards: readonly GuardResult[]): GuardResult[] {
  return guards.filter((result) => !result.passed);
}

/** A check that keeps its change from becoming active. */
export function blocks(check: CheckResult): boolean {
  return !check.passed && check.level === 'error';
}

/** The change took effect. */
export function succeeded(outcome: Outcome | undefined): boolean {
  return outcome !== undefined && SUCCESSES.has(outcome.state);
}

const SUCCESSES: ReadonlySet<Outcome['state']> = new Set([
  'created',
  'updated',
  'deleted',
  'adopted',
]);
