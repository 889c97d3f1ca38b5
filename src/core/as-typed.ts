/**
 * Commands that a text for people names, as they can be typed: strategos is installed beside the
 * manifests, where a shell does not look for it.
 */

/** The commands of the program: a test holds these to it. */
export const NAMED: readonly string[] = [
  ...['validate', 'plan', 'apply', 'drift', 'export', 'predict', 'compare', 'rollback', 'optimize'],
  ...['doctor', 'unlock', 'completion', 'owner', 'sync', 'metrics', 'audit', 'report', 'console'],
  ...['cycle', 'ci', 'simulator', 'demo', 'init', 'upgrade'],
];

const COMMAND = new RegExp(`(?<!-- |[\\w./-])strategos (?=(?:${NAMED.join('|')}|--help)\\b)`, 'g');

export function asTyped(text: string): string {
  return text.replace(COMMAND, 'npx --no -- strategos ');
}
