/** What the id of a run tells; ids are made in `files/runs.ts`. */

/** The command: `apply` of `20261123T043000123Z-apply-1b2c3d4e`; empty for what is no id. */
export function commandIn(id: string): string {
  const [, command = ''] = /^[^-]+-(.+)-[0-9a-f]+$/.exec(id) ?? [];
  return command;
}
