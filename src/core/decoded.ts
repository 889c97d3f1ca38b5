/** Parts of addresses that were escaped. */

/** `null` where it is no text that was escaped. */
export function decoded(part: string): string | null {
  try {
    return decodeURIComponent(part);
  } catch {
    return null;
  }
}
