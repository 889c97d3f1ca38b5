/** What the platform takes so many of in one request, in as few requests as that needs. */
export function batches<T>(items: readonly T[], most: number): T[][] {
  const all: T[][] = [];
  for (let from = 0; from < items.length; from += most) all.push(items.slice(from, from + most));
  return all;
}
