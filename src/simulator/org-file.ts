/** Org files: YAML or JSON text, checked before an org is made of it. */
import { loadChecked, type CheckedSource } from './checked-file.js';
import { checkReferences } from './org-check.js';
import type { OrgFile } from './org-file-types.js';

/** The org file behind the bytes. Throws one `InvalidInput` that carries every problem found. */
export async function loadOrgFile(source: CheckedSource): Promise<OrgFile> {
  const value = await loadChecked(source, {
    what: 'org file',
    // Half a megabyte of code: loaded only when there is a file to check.
    validator: async () => (await import('../generated/org-validator.js')).validateOrg,
    check: checkReferences,
  });
  return value;
}
