/**
 * Text → documents: plain values, and where each was written.
 *
 * A manifest is JSON in YAML's clothes, so whatever JSON has no word for is refused: tags, merge
 * keys, keys that are not text, numbers that are not finite. The text may be hostile: it can come
 * from anybody's pull request. Sizes are bounded before work that grows with them is done. Nesting
 * is watched while the lexer runs, since the composer recurses; duplicate keys are found here,
 * since the library compares every key with every other.
 */
import { Composer, Lexer, Parser, Schema } from 'yaml';
import type { Document, ParsedNode, ScalarTag, YAMLError } from 'yaml';
import type { Issue } from '../core/issue.js';
import { isObject } from '../core/json.js';
import type { Json, JsonObject } from '../core/json.js';
import { MAX_FILE_BYTES } from '../core/source.js';
import type { SourceFile } from '../core/source.js';
import { decode, mayMislead } from './decode.js';
import { TreePositions } from './positions.js';
import type { Lines } from './positions.js';
import { syntaxIssue } from './syntax.js';
import { Findings, MAX_DEPTH, Walk } from './walk.js';

/** One document of a file that is a mapping, before its schema is looked at. */
export interface ParsedDocument {
  readonly file: string;
  readonly body: JsonObject;
  readonly positions: TreePositions;
  /** False where something in it was refused; `body` then lacks that part. */
  readonly sound: boolean;
}

export interface Parsed {
  readonly documents: ParsedDocument[];
  readonly issues: Issue[];
  /** False where text could not be understood, so that documents may be missing. */
  readonly complete: boolean;
}

/**
 * Every document of a file. Never throws: what is wrong is an issue with its line, and the other
 * documents of the file are still returned. A file larger than 1 MiB is refused unread.
 */
export function parseSource(source: SourceFile): Parsed {
  const file = source.path;
  if (source.bytes.length > MAX_FILE_BYTES) return refused(tooLarge(file, source.bytes.length));
  const decoded = decode(file, source.bytes);
  if ('issue' in decoded) return refused(decoded.issue);
  const { text, lines } = decoded;
  const conflict = /^<{7} /m.exec(text);
  if (conflict !== null && /^>{7} /m.test(text)) {
    return refused(unmerged(lines.locate(conflict.index)));
  }
  const findings = new Findings();
  const walk = new Walk(lines, findings, mayMislead(text));
  const reading: Reading = { text, lines, walk, findings, documents: [], complete: true };
  const stop = withoutStackTraces(() => readAll(reading));
  if (stop !== null) {
    const at = lines.locate(Math.min(stop.offset, text.length));
    return refused({ ...stop.explanation, severity: 'error', at });
  }
  const { documents, complete } = reading;
  if (documents.length === 0 && findings.count === 0) findings.add(() => emptyFile(file));
  return { documents, complete, issues: shownOf(findings, file) };
}

function unmerged(at: Issue['at']): Issue {
  return {
    code: 'merge-conflict',
    severity: 'error',
    at,
    message: 'git has left a merge conflict here',
    hint: 'keep one side, and remove the lines with <<<<<<<, ======= and >>>>>>>',
  };
}

interface Reading {
  readonly text: string;
  readonly lines: Lines;
  readonly walk: Walk;
  readonly findings: Findings;
  readonly documents: ParsedDocument[];
  complete: boolean;
}

interface Stop {
  readonly offset: number;
  readonly explanation: Pick<Issue, 'code' | 'message' | 'hint'>;
}

/**
 * The library makes an `Error` of everything that it objects to, and a hostile file gives it half a
 * million reasons. Nobody reads these stacks, and capturing them takes most of a minute.
 */
function withoutStackTraces<T>(work: () => T): T {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    return work();
  } finally {
    Error.stackTraceLimit = limit;
  }
}

/**
 * Text by how it begins. Of plain scalars most are text, and the library holds each against seven
 * expressions before it takes it for one; none of the seven matches what begins like this.
 */
const WORD: ScalarTag = {
  tag: 'tag:yaml.org,2002:str',
  default: true,
  test: /^[^-+.0-9~nNtTfF]/,
  resolve: (text) => text,
};

/**
 * One for all documents: given a name, the library makes one for each of them. It knows no further
 * tags: those of one document would be known in every later one, and all tags are refused.
 */
const CORE = new Schema({
  schema: 'core',
  customTags: (tags) => [WORD, ...tags],
  merge: false,
  resolveKnownTags: false,
});

const OPTIONS = {
  version: '1.2',
  schema: CORE,
  strict: true,
  uniqueKeys: false,
  prettyErrors: false,
} as const;

function readAll(reading: Reading): Stop | null {
  for (const next of compose(reading.text)) {
    if ('explanation' in next) return next;
    read(next, reading);
    if (reading.walk.exhausted) {
      reading.complete = false;
      return null;
    }
  }
  return null;
}

type YamlDocument = Document.Parsed;

/** Lexer, parser and composer in step, so that a limit stops all three. */
function* compose(text: string): Generator<YamlDocument | Stop, void> {
  const parser = new Parser();
  const composer = new Composer(OPTIONS);
  let lexemes = 0;
  let documents = 0;
  let errors = 0;
  for (const lexeme of new Lexer().lex(text)) {
    const tokens = parser.next(lexeme);
    // Most words end no token; what `for` does for a loop that may be left early is not free.
    for (let one = tokens.next(); one.done !== true; one = tokens.next()) {
      const token = one.value;
      if (token.type === 'document') documents += 1;
      if (token.type === 'error' || token.type === 'directive') errors += 1;
      yield* composer.next(token);
    }
    // The stack holds the document, every open collection, and at most a scalar.
    if (parser.stack.length > MAX_DEPTH + 2) yield { offset: parser.offset, explanation: DEEP };
    lexemes += 1;
    if (lexemes > MAX_LEXEMES || documents > MAX_DOCUMENTS) {
      yield { offset: parser.offset, explanation: LARGE };
    }
    if (errors > MAX_ERRORS) break;
  }
  for (const token of parser.end()) yield* composer.next(token);
  yield* composer.end(true, text.length);
}

/** Words, signs, blanks between and line ends. A manifest of 20 lines has 300 of them. */
const MAX_LEXEMES = 500_000;

/** A document costs as much as a hundred words, and none is shorter than a hundred bytes. */
const MAX_DOCUMENTS = 10_000;

/** After so many the rest of a file says nothing new. */
const MAX_ERRORS = 1000;

const DEEP = {
  code: 'nested-too-deep',
  message: `nested more than ${MAX_DEPTH} levels deep`,
  hint: '8 levels are enough',
};

const LARGE = {
  code: 'too-many-values',
  message: `the file has more than ${MAX_DOCUMENTS} documents or ${MAX_LEXEMES} words and signs`,
  hint: 'split it into several files',
};

function read(document: YamlDocument, reading: Reading): void {
  const { text, lines, walk, findings } = reading;
  const problems: YAMLError[] = [...document.errors, ...document.warnings.filter(isOurs)];
  const yaml = document.directives.yaml;
  if (problems.length > 0 || (yaml.explicit === true && yaml.version !== '1.2')) {
    reading.complete = false;
    if (problems.length === 0) findings.add(() => otherVersion(document, text, lines));
    for (const problem of problems) findings.add(() => syntaxIssue(problem, lines, text));
    return;
  }
  const { contents } = document;
  if (contents === null || isEmpty(contents)) return;
  const before = findings.count;
  const { value, place } = walk.document(contents);
  const sound = findings.count === before;
  if (!isObject(value)) {
    if (sound) findings.add(() => notAMapping(lines, contents, value));
    return;
  }
  const positions = new TreePositions(lines, place);
  reading.documents.push({ file: lines.file, body: value, positions, sound });
}

/** Tags are refused where they stand, with a better message than the library's warning. */
function isOurs(warning: YAMLError): boolean {
  return warning.code !== 'TAG_RESOLVE_FAILED' && warning.code !== 'BAD_COLLECTION_TYPE';
}

function isEmpty(node: ParsedNode): boolean {
  return 'source' in node && node.source === '' && 'value' in node && node.value === null;
}

function refused(issue: Issue): Parsed {
  return { documents: [], issues: [issue], complete: false };
}

function shownOf({ issues, hidden }: Findings, file: string): Issue[] {
  if (hidden === 0) return issues;
  const at = issues.at(-1)?.at ?? { file, line: 1, column: 1 };
  const message = `${hidden} further problems in this file are not shown`;
  return [...issues, { code: 'more-problems', severity: 'error', at, message }];
}

function tooLarge(file: string, bytes: number): Issue {
  return {
    code: 'file-too-large',
    severity: 'error',
    at: { file, line: 1, column: 1 },
    message: `the file has ${bytes} bytes; the limit is ${MAX_FILE_BYTES}`,
    hint: 'split it into several files',
  };
}

function emptyFile(file: string): Issue {
  return {
    code: 'empty-file',
    severity: 'warning',
    at: { file, line: 1, column: 1 },
    message: 'the file holds no manifest',
    hint: 'delete it, or write one',
  };
}

function otherVersion(document: YamlDocument, text: string, lines: Lines): Issue {
  const offset = Math.max(0, text.lastIndexOf('%YAML', document.range[0]));
  return {
    code: 'yaml-version',
    severity: 'error',
    at: lines.locate(offset),
    message: `%YAML ${document.directives.yaml.version}: files are read as YAML 1.2`,
    hint: 'remove the %YAML line',
  };
}

function notAMapping(lines: Lines, contents: ParsedNode, value: Json): Issue {
  const found = Array.isArray(value) ? 'a list' : 'a single value';
  return {
    code: 'not-a-mapping',
    severity: 'error',
    at: lines.locate(contents.range[0]),
    message: `the document is ${found}; a manifest is a mapping`,
    hint: Array.isArray(value)
      ? 'separate manifests with a line "---" and write each without "- "'
      : 'begin with apiVersion, kind, metadata and spec',
  };
}
