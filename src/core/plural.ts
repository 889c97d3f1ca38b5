/** `1 strategy`, `2 strategies`: counts as people write them. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
