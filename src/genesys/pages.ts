/** The pages of a listing from one to another, side by side; none where `to` is before `from`. */
export async function pagesFrom<T>(
  from: number,
  to: number,
  page: (pageNumber: number) => Promise<T>,
): Promise<T[]> {
  const numbers = Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);
  return Promise.all(numbers.map(async (number) => page(number)));
}
