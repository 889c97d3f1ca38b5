/**
 * Texts that nobody means well with, for everything that reads a file. Large ones are made here,
 * since ten megabytes of one sign are better described than kept.
 */

const LIMIT = 1024 * 1024;
/** What most are filled to: growth shows from tenth to whole, and a quarter of the limit is enough. */
const PART = LIMIT / 4;
const LARGE = 10 * PART;

/** What is repeated until a file is full: to a part of the limit, and beyond it. */
const SIGNS = {
  words: 'a ',
  'one word': 'a',
  blanks: ' ',
  tabs: '\t',
  'line ends': '\n',
  returns: '\r',
  'empty keys': ': ',
  'keys of keys': 'a: ',
  'items of items': '- ',
  'key signs': '? ',
  brackets: '[',
  braces: '{',
  'braces with keys': '{"a":',
  'lists of lists': '[[],',
  quotes: '"',
  'single quotes': "'",
  backslashes: '\\',
  'escaped quotes': '\\"',
  digits: '9',
  hashes: '#',
  comments: ' # a\n',
  tags: '!',
  'tags that end': '!!str ',
  anchors: '&a ',
  aliases: '*a ',
  'list of aliases': '- *a\n',
  'document starts': '---\n',
  'document ends': '...\n',
  directives: '%YAML 1.2\n',
  'other directives': '%TAG ! tag:a,2026:\n',
  percent: '%',
  pipes: '|\n',
  'block headers': '- |9+\n',
  commas: ',',
  'one key again': 'a: 1\n',
  'flow keys again': '"a":1,',
  'wide characters': '\u{1f600}',
  'combining characters': 'a\u0301',
  'byte order marks': '\ufeff',
  'direction marks': '\u202e',
  'escapes of halves': '"\\ud800" ',
  'JSON lines': '{"seq":1}\n',
  'lines that are no JSON': '{\n',
};

const bytes = (text) => Buffer.from(text, 'utf8');
const filled = (sign, size) => bytes(sign.repeat(Math.floor(size / bytes(sign).length)));

function aliasBomb(levels, width) {
  const lines = [`a0: &a0 [${'x, '.repeat(width)}x]`];
  for (let level = 1; level < levels; level += 1) {
    const row = Array.from({ length: width }, () => `*a${level - 1}`).join(', ');
    lines.push(`a${level}: &a${level} [${row}]`);
  }
  return lines.join('\n');
}

const nested = (open, close, depth) => open.repeat(depth) + close.repeat(depth);

function indented(depth) {
  return Array.from({ length: depth }, (_, level) => `${' '.repeat(level)}a:`).join('\n');
}

const POLLUTING = '{"polluted":true}';
const NUMBERS = [
  ...['1e400', '-1e400', '1e-400', '-0', '0x7fffffffffffffffffff', '0o777', '0b1', '1_000'],
  ...['99999999999999999999999', '.inf', '-.inf', '.nan', '1e', '+1', '012', '1.', '.5', '1e309'],
  ...['9007199254740993', '2026-11-25', '12:30:45', 'yes', 'NULL', '~', '1'.repeat(5000)],
];
const KEYS = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf'];

const TEXTS = {
  nothing: '',
  'a mark and nothing': '\ufeff',
  'two marks': '\ufeff\ufeff{}',
  'null bytes': 'a: \0\0\0',
  'a null escape': '"\\0": "\\u0000"',
  'carriage returns alone': 'a: 1\rb: 2\r',
  'carriage returns and line feeds': 'rules:\r\n  - { fault: latency }\r\n',
  'next line and separators': 'a: b\u0085c\u2028d\u2029e',
  'half a character': '{"a":"\\ud800","\\udfff":1}',
  'a bomb of aliases': aliasBomb(10, 9),
  'a bomb of wide aliases': aliasBomb(3, 2000),
  'an alias of itself': 'a: &a [*a]',
  'an alias of itself as key': '&a { *a : *a }',
  'aliases of a long text': `a: &a "${'x'.repeat(100_000)}"\nb: [${'*a, '.repeat(30_000)}*a]`,
  'many anchors': Array.from({ length: 20_000 }, (_, at) => `- &a${at} *a${at - 1}`).join('\n'),
  'merge keys': `a: &a { b: 1 }\n${'c: { <<: *a, <<: *a }\n'.repeat(1000)}`,
  'lists 100,000 deep': nested('[', ']', 100_000),
  'mappings 100,000 deep': nested('{"a":', '}', 100_000).replace('}', '1}'),
  'flow keys 10,000 deep': nested('{? ', '}', 10_000),
  'indented 1,000 deep': indented(1000),
  'items 5,000 deep': '- '.repeat(5000),
  'a key of a megabyte': `"${'k'.repeat(LIMIT - 100)}": 1`,
  'a plain key of a megabyte': `${'k'.repeat(LIMIT - 100)}: 1`,
  '20,000 keys': Array.from({ length: 20_000 }, (_, at) => `key${at}: 1`).join('\n'),
  '20,000 JSON keys': JSON.stringify(
    Object.fromEntries(Array.from({ length: 20_000 }, (_, at) => [`key${at}`, at])),
  ),
  '20,000 targets': `{"rules":[${'{"fault":"latency"},'.repeat(20_000)}1]}`,
  'names that differ a little': JSON.stringify({
    queues: Array.from({ length: 5000 }, (_, at) => ({ name: `Q${at}`, members: ['Adda'] })),
    users: Array.from({ length: 5000 }, (_, at) => ({ name: `Ada ${at}` })),
  }),
  'the most that can be generated': 'generate: { queues: 20000, users: 20000, skills: 20000 }',
  'every member of every queue':
    'generate: { queues: 20000, users: 20000, skills: 20000, membersPerQueue: 20000, skillsPerUser: 20000 }',
  'tags of other languages':
    'a: !!js/function "function(){}"\nb: !!python/object/apply:os.system [id]\nc: !!binary aGk=\n',
  'tags of collections': 'a: !!set {b}\nc: !!omap [d: e]\nf: !!timestamp 2026-01-01\ng: !!merge <<',
  'tags by directive': '%TAG ! tag:example.com,2026:\n---\n!thing {a: !thing {}}',
  'verbatim tag': `!<tag:${'x'.repeat(100_000)}> a`,
  'an unknown version': '%YAML 9.9\n---\na: 1',
  numbers: NUMBERS.map((one, at) => `n${at}: ${one}`).join('\n'),
  'numbers of JSON': '{"seq":1e400,"a":-0,"b":123456789012345678901234567890}',
  'keys of prototypes': KEYS.map((key) => `${key}: ${POLLUTING}`).join('\n'),
  'JSON keys of prototypes': `{${KEYS.map((key) => `"${key}":${POLLUTING}`).join(',')}}`,
  'prototypes at depth': `{"a":{"b":[{"__proto__":${POLLUTING},"constructor":{"prototype":${POLLUTING}}}]}}`,
  'a rule of prototypes': `rules: [{"fault": "__proto__", "__proto__": ${POLLUTING}}]`,
  'a fault of prototypes': 'rules: [{ fault: constructor }, { fault: toString }]',
  'a client of prototypes':
    'clients: [{ id: __proto__, secret: constructor }]\nusers: [{ name: __proto__ }]',
  'a merge conflict': '<<<<<<< a\nx: 1\n=======\nx: 2\n>>>>>>> b\n',
  'a folded text without end': 'a: >\n' + ' b\n\n'.repeat(50_000),
  'a quoted text without end': `a: "${'b\n '.repeat(50_000)}`,
  'an HTML page': '<!doctype html><script>alert(1)</script>',
  'terminal codes': 'a: "\\e[2J\\e]0;owned\\a"',
  'workflow commands': '::error::x\n##[error]y\na: "::set-output name=x::y"',
};

const RAW = {
  'UTF-16': Buffer.from('\ufeffa: 1', 'utf16le'),
  'half a character in UTF-8': Buffer.from([0x61, 0x3a, 0x20, 0xed, 0xa0, 0x80]),
  'overlong NUL': Buffer.from([0x61, 0x3a, 0x20, 0xc0, 0x80]),
  'bytes that are no text': Buffer.from(Array.from({ length: 4096 }, (_, at) => (at * 131) % 256)),
  'a cut character': Buffer.from([0x61, 0x3a, 0x20, 0xf0, 0x9f, 0x98]),
  gzip: Buffer.from('1f8b08000000000000034b04008316dc8c01000000', 'hex'),
};

/** Of every sign, to be held against each other. */
const SIZES = { '25 KB': PART / 10, '250 KB': PART, '2.5 MB': LARGE };
/** The dearest of them for a reader, as full as a file may be, and ten times of that. */
const FULL = ['line ends', 'list of aliases', 'one key again', 'JSON lines'];
const FULL_SIZES = { '100 KB': LIMIT / 10, '1 MB': LIMIT - 16, '10 MB': 10 * LIMIT };

/**
 * Every entry: what it is, its bytes, made when they are wanted, and the name of the same text with
 * a tenth of its size, where there is one.
 */
export const CORPUS = [
  ...Object.entries(TEXTS).map(([name, text]) => ({ name, make: () => bytes(text) })),
  ...Object.entries(RAW).map(([name, raw]) => ({ name, make: () => raw })),
  ...Object.entries(SIGNS).flatMap(([name, sign]) =>
    Object.entries(FULL.includes(name) ? FULL_SIZES : SIZES).map(([size, length], at, all) => ({
      name: `${name}, ${size}`,
      make: () => filled(sign, length),
      ...(at === 0 ? {} : { tenth: `${name}, ${all[at - 1][0]}` }),
    })),
  ),
];

/** A file that somebody means, of a fifth of a megabyte: what it takes is the measure of the rest. */
export const HONEST = Array.from({ length: 12_000 }, (_, at) => `key${at}: value`).join('\n');
export const HONEST_SHARE = 5;
