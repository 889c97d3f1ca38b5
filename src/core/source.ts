/** A file of manifests as it was read: what the adapters hand to the pure parser. */

export interface SourceFile {
  /** As a person would type it: relative where it can be, with forward slashes. */
  readonly path: string;
  readonly bytes: Uint8Array;
  /** Of a file of rows that is there and could not be read: why. It has no bytes then. */
  readonly unread?: string;
}

/** Larger files are not manifests; they are neither read nor parsed. */
export const MAX_FILE_BYTES = 1024 * 1024;

/** Rows of a manifest, as CSV; more room, as a table of the platform may have 5,000 of them. */
export const MAX_TABULAR_BYTES = 16 * 1024 * 1024;

export function isTabular({ path }: Pick<SourceFile, 'path'>): boolean {
  return /\.csv$/.test(path);
}
