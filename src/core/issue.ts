/** Problems as values: collected, sorted, and all of them shown together. */

/** A place in a file: path as the user would type it, line and column from 1. */
export interface Location {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export type Severity = 'error' | 'warning';

export interface Issue {
  /** Stable, lower-case, hyphenated: `unknown-key`, `duplicate-target`. */
  readonly code: string;
  readonly severity: Severity;
  /** `null` where no file is to blame. */
  readonly at: Location | null;
  /** Subject, what, why. One sentence, no final period. */
  readonly message: string;
  /** What to do, when there is something to say. */
  readonly hint?: string;
}

/** Order in which people read: by file, line, column, then code and message. */
export function sortIssues(issues: readonly Issue[]): Issue[] {
  return [...issues].sort(
    (a, b) =>
      byText(a.at?.file ?? '', b.at?.file ?? '') ||
      (a.at?.line ?? 0) - (b.at?.line ?? 0) ||
      (a.at?.column ?? 0) - (b.at?.column ?? 0) ||
      byText(a.code, b.code) ||
      byText(a.message, b.message),
  );
}

export function hasErrors(issues: readonly Issue[]): boolean {
  return issues.some((issue) => issue.severity === 'error');
}

/** Code-unit order: the same on every machine, whatever its locale. */
export function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
