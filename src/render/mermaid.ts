/** Routes before and after → a Mermaid graph; what is new, gone or different is marked. */
import type { Route } from '../core/kind.js';
import { visible } from '../core/visible.js';

type Mark = 'same' | 'new' | 'gone' | 'changed';

/** Words beside the colours: not everybody tells those apart. A sign would begin a list. */
const WORD: Record<Mark, string> = { same: '', new: 'new: ', gone: 'gone: ', changed: 'changed: ' };

const STYLE: Record<Exclude<Mark, 'same'>, string> = {
  new: 'stroke:#1a7f37,stroke-width:3px',
  gone: 'stroke:#cf222e,stroke-width:3px,stroke-dasharray:6 4',
  changed: 'stroke:#9a6700,stroke-width:3px',
};

interface Arrow {
  readonly mark: Mark;
  readonly route: Route;
  readonly label: string;
}

/** Lines below the names in the nodes. */
export interface Known {
  /** Of the object itself. */
  readonly own: readonly string[];
  /** It is there before and after, whatever becomes of its routes. */
  readonly stays: boolean;
  /** Of whatever it leads to, by its name. */
  readonly about: (name: string) => readonly string[];
}

const NOTHING_KNOWN: Known = { own: [], stays: false, about: () => [] };

/**
 * A fenced Mermaid block for one object. `before` is empty for one that is made, `after` for one
 * that goes. No name can leave its label: see `label`.
 */
export function routesGraph(
  name: string,
  before: readonly Route[],
  after: readonly Route[],
  { own, stays, about }: Known = NOTHING_KNOWN,
): string {
  const arrows = arrowsOf(before, after);
  const all = arrows.map(({ mark }) => mark);
  const whole = stays ? 'same' : wholeOf(all);
  const used = (['new', 'gone', 'changed'] as const).filter((mark) => all.includes(mark));
  return [
    '```mermaid',
    'flowchart LR',
    `  s(["${WORD[whole]}${labels([name, ...own])}"])`,
    ...arrows.map(
      ({ route, mark, label: text }, index) =>
        `  s ${route.isLast ? '-.->' : '-->'}|"${text}"| ` +
        `q${index}["${WORD[mark]}${labels([route.to, ...about(route.to)])}"]`,
    ),
    ...used.map((mark) => `  classDef ${mark} ${STYLE[mark]}`),
    ...used.map((mark) => {
      const nodes = arrows.flatMap((arrow, index) => (arrow.mark === mark ? [`q${index}`] : []));
      return `  class ${[...(whole === mark ? ['s'] : []), ...nodes].join(',')} ${mark}`;
    }),
    '```',
  ].join('\n');
}

function wholeOf(marks: readonly Mark[]): Mark {
  if (marks.every((mark) => mark === 'new')) return 'new';
  return marks.every((mark) => mark === 'gone') ? 'gone' : 'same';
}

/** In the order of `after`; what goes stands behind it. */
function arrowsOf(before: readonly Route[], after: readonly Route[]): Arrow[] {
  const old = keyed(before);
  const now = keyed(after);
  const kept = [...now].map(([key, route]): Arrow => {
    const was = old.get(key);
    if (was === undefined) return { route, mark: 'new', label: labels(route.facts) };
    const same = was.facts.join() === route.facts.join();
    return {
      route,
      mark: same ? 'same' : 'changed',
      label: labels(route.facts.map((fact, place) => moved(was.facts[place] ?? fact, fact))),
    };
  });
  const gone = [...old].flatMap(([key, route]): Arrow[] =>
    now.has(key) ? [] : [{ route, mark: 'gone', label: labels(route.facts) }],
  );
  return [...kept, ...gone];
}

/** The same queue can be there twice while a manifest is wrong: then each keeps its turn. */
function keyed(routes: readonly Route[]): Map<string, Route> {
  const out = new Map<string, Route>();
  for (const route of routes) {
    let nth = 1;
    const key = (): string => JSON.stringify([route.to, route.isLast, nth]);
    while (out.has(key())) nth += 1;
    out.set(key(), route);
  }
  return out;
}

/** Facts of two sides, each in its place; what is on one side only is said as it is there. */
export function factsMoved(before: readonly string[], after: readonly string[]): string[] {
  if (before.length !== after.length) return [...(after.length === 0 ? before : after)];
  return after.map((fact, place) => moved(before[place] ?? fact, fact));
}

/** `weight 1 (50 %) → 4 (80 %)`: the word that both begin with is said once. */
function moved(before: string, after: string): string {
  if (before === after) return after;
  const [word = '', ...rest] = after.split(' ');
  const isSame = before.startsWith(`${word} `);
  return `${before} → ${isSame ? rest.join(' ') : after}`;
}

function labels(facts: readonly string[]): string {
  return facts.map(label).join('<br>');
}

/**
 * Text inside quotes of Mermaid. Whatever is not a letter, a digit or harmless becomes `#N;`, which
 * Mermaid shows as the character, and nothing on the way takes for an end, a link, a tag or, since
 * labels are Markdown, for emphasis or a list.
 */
function label(text: string): string {
  return visible(text).replace(
    /[^\p{L}\p{N} .,()%\u2192-]|(?<=^\d+)[.)]|^-/gu,
    (char) => `#${char.codePointAt(0) ?? 0};`,
  );
}
