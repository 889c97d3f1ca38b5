/** A file of manifests as it was read: what the adapters hand to the pure parser. */

export interface SourceFile {
  /** As a person would type it: relative where it can be, with forward slashes. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** Larger files are not manifests; they are neither read nor parsed. */
export const MAX_FILE_BYTES = 1024 * 1024;
