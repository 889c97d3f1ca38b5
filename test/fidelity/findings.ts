/**
 * What was found wrong with the exchanges of the test that runs. An exchange that throws would be
 * taken for a broken wire by the code under test, so findings are put down and told afterwards.
 */
const found: string[] = [];

export function report(findings: readonly string[]): void {
  found.push(...findings);
}

/** What was reported since the last time. */
export function drain(): string[] {
  return found.splice(0);
}
