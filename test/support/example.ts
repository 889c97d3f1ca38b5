/** The worked example, of which most tests are about the strategies alone. */
export function isOfStrategies(file: string): boolean {
  return !file.endsWith('returns.yaml');
}
