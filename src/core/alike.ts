/**
 * Names that a person takes for the same although they are two: they differ in letter case, in how
 * Unicode writes a letter, in characters that are drawn as nothing, or in which blank they have.
 */

/** Equal for two names that nobody should have to tell apart. */
export function folded(name: string): string {
  const bare = PLAIN.test(name) ? name : name.normalize('NFC').replace(INVISIBLE, '');
  // Upper case first: it makes one of letters that have two lower-case forms.
  return bare.replace(BLANKS, ' ').trim().toUpperCase().toLowerCase();
}

/** Names that differ, and are the same to `folded`. */
export function areTwins(a: string, b: string): boolean {
  return a !== b && folded(a) === folded(b);
}

/**
 * Where two texts differ that look the same when they are printed, as code points; empty where
 * they are equal, and where a reader can see for himself.
 */
export function hiddenDifference(a: string, b: string): string {
  if (a === b || drawn(a) !== drawn(b)) return '';
  const [one, other] = [Array.from(a), Array.from(b)];
  const start = one.findIndex((char, index) => char !== other[index]);
  const from = start === -1 ? one.length : start;
  const most = Math.min(one.length, other.length) - from;
  let tail = 0;
  while (tail < most && one.at(-1 - tail) === other.at(-1 - tail)) tail += 1;
  const part = (of: readonly string[]): string => pointsIn(of.slice(from, of.length - tail));
  const where = `at character ${from + 1}`;
  return `they look alike: ${where} the first has ${part(one)}, the second ${part(other)}`;
}

/** What tells two names apart that are the same to `folded`. */
export function twinText(a: string, b: string): string {
  const hidden = hiddenDifference(a, b);
  if (hidden === '') return 'differ in letter case or blanks only';
  return `differ in what nobody sees: ${hidden}`;
}

const PLAIN = /^[ -~]*$/;
const BLANKS = /[\s\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+/gu;
/** Letters that are drawn as nothing, and marks that steer how others are drawn. */
const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\p{Cf}]/gu;

/** More code points than these say no more about a difference. */
const MOST_POINTS = 6;

function pointsIn(chars: readonly string[]): string {
  if (chars.length === 0) return 'nothing';
  const shown = chars.slice(0, MOST_POINTS).map((char) => {
    const hex = (char.codePointAt(0) ?? 0).toString(16).toUpperCase();
    return `U+${hex.padStart(4, '0')}`;
  });
  return shown.join(' ') + (chars.length > MOST_POINTS ? ' …' : '');
}

/** The text as a reader sees it: letters of other scripts that have the same shape are one. */
function drawn(text: string): string {
  if (PLAIN.test(text)) return text.replace(BLANKS, ' ').trim();
  const shapes = Array.from(text.normalize('NFKC').replace(INVISIBLE, '')).map(
    (char) => SHAPES.get(char) ?? char,
  );
  return shapes.join('').replace(BLANKS, ' ').trim();
}

/** Pairs of a character and the plain one that it is drawn like: the common ones, not Unicode's. */
const SHAPES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    ...pairs('АВЕКМНОРСТХІЈЅаеорсухіјѕԁһӏ', 'ABEKMHOPCTXIJSaeopcyxijsdhl'),
    ...pairs('ΑΒΕΖΗΙΚΜΝΟΡΤΥΧονρ', 'ABEZHIKMNOPTYXovp'),
    ...pairs('\u2010\u2011\u2012\u2013\u2212', '-----'),
    ...pairs('\u2018\u2019\u02bc\u2032', "''''"),
    ...pairs('\u201c\u201d', '""'),
  }),
);

function pairs(from: string, to: string): Record<string, string> {
  const plain = Array.from(to);
  return Object.fromEntries(Array.from(from).map((char, index) => [char, plain[index] ?? char]));
}
