/** What happens next: a binary heap by time; of two at once, the one that was put first. */
export class Heap<Item> {
  private readonly items: { readonly at: number; readonly turn: number; readonly item: Item }[] =
    [];
  private turns = 0;

  /** Infinity where nothing is left. */
  nextAt(): number {
    return this.items[0]?.at ?? Infinity;
  }

  put(at: number, item: Item): void {
    const { items } = this;
    this.turns += 1;
    const added = { at, turn: this.turns, item };
    let place = items.push(added) - 1;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = items[above];
      if (parent === undefined || isSooner(parent, added)) break;
      items[place] = parent;
      place = above;
    }
    items[place] = added;
  }

  take(): Item | undefined {
    const { items } = this;
    const [first] = items;
    const last = items.pop();
    if (first === undefined || last === undefined || items.length === 0) return first?.item;
    let place = 0;
    for (;;) {
      const left = 2 * place + 1;
      const [a, b] = [items[left], items[left + 1]];
      const child = a !== undefined && b !== undefined && isSooner(b, a) ? left + 1 : left;
      const below = items[child];
      if (below === undefined || isSooner(last, below)) break;
      items[place] = below;
      place = child;
    }
    items[place] = last;
    return first.item;
  }
}

interface Dated {
  readonly at: number;
  readonly turn: number;
}

function isSooner(a: Dated, b: Dated): boolean {
  return a.at === b.at ? a.turn < b.turn : a.at < b.at;
}
