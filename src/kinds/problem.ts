/** A semantic error of a manifest, at its place. */
import type { Issue, Severity } from '../core/issue.js';
import type { Manifest } from '../core/types.js';

export function problem(
  manifest: Manifest,
  /** Into the document: `/spec/start`. */
  pointer: string,
  {
    code,
    message,
    hint,
    severity = 'error',
  }: {
    readonly code: string;
    readonly message: string;
    readonly hint: string;
    readonly severity?: Severity;
  },
): Issue {
  return { code, severity, at: manifest.positions.at(pointer), message, hint };
}
