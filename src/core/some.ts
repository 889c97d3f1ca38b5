/** `a, b and 3 more`: `most` of the names, where there are more; no more are read in a line. */
export function someOf(names: readonly string[], most: number): string {
  const shown = names.slice(0, most).join(', ');
  return names.length > most ? `${shown} and ${names.length - most} more` : shown;
}
