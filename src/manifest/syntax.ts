/**
 * What the YAML library objects to, in people's words. Its own messages quote the text around the
 * error, and that text may be a secret, so none of them is passed on.
 */
import type { ErrorCode, YAMLError } from 'yaml';
import type { Issue } from '../core/issue.js';
import type { Lines } from './positions.js';

interface Explanation {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
}

export function syntaxIssue(error: YAMLError, lines: Lines, text: string): Issue {
  const offset = Math.max(0, Math.min(error.pos[0], text.length));
  const explanation = explain(error, text, offset);
  return { ...explanation, severity: 'error', at: lines.locate(offset) };
}

function explain(error: YAMLError, text: string, offset: number): Explanation {
  if (error.code !== 'TAB_AS_INDENT' && indentedByTab(text, offset)) return TAB;
  if (error.code === 'BLOCK_IN_FLOW' && /^[^"',{}[\]#\s]+: /.test(rest(text, offset))) return COLON;
  for (const [code, start, explanation] of BY_MESSAGE) {
    if (error.code === code && error.message.startsWith(start)) return explanation;
  }
  return BY_CODE[error.code];
}

/** A tab in the indentation makes the library stumble somewhere in that line. */
function indentedByTab(text: string, offset: number): boolean {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  return /^ *\t/.test(text.slice(start, start + 200));
}

function rest(text: string, offset: number): string {
  return text.slice(offset, offset + 200);
}

const syntax = (message: string, hint?: string): Explanation => ({
  code: 'yaml-syntax',
  message,
  ...(hint === undefined ? {} : { hint }),
});

const TAB: Explanation = {
  code: 'tab-indent',
  message: 'a tab stands in the indentation; YAML indents with blanks',
  hint: 'replace the tab by blanks',
};

const COLON = syntax(
  'a value with a colon and a blank in it, as if it were a key of its own',
  'put the value in quotes, as in queue: "Billing: EU"',
);

const INDENT = 'give all keys of one mapping the same indentation';

const BY_MESSAGE: readonly (readonly [ErrorCode, string, Explanation])[] = [
  ['MISSING_CHAR', 'Implicit map keys', syntax('a key without a value', 'write a colon after it')],
  ['MISSING_CHAR', 'Missing closing', syntax('a quoted text has no end', 'close the quotes')],
  ['MISSING_CHAR', 'Missing ,', syntax('two items without a comma between', 'write a comma')],
  ['MISSING_CHAR', 'Missing space', syntax('no blank after the colon', 'write a blank there')],
  [
    'MISSING_CHAR',
    'Sequence item',
    syntax('this line is no item of the list above it, and no key beside that list', INDENT),
  ],
  ['MISSING_CHAR', 'Flow', syntax('a bracket is not closed', 'close it with ] or }')],
  ['BAD_INDENT', 'Flow', syntax('a bracket is not closed', 'close it with ] or }')],
  ['BLOCK_AS_IMPLICIT_KEY', 'Nested', COLON],
];

const BY_CODE: Readonly<Record<ErrorCode, Explanation>> = {
  ALIAS_PROPS: syntax('an alias with an anchor or a tag', 'write the alias alone'),
  BAD_ALIAS: syntax('an anchor or alias with no usable name', 'name it with letters and digits'),
  BAD_COLLECTION_TYPE: syntax('a tag on a value that it does not fit', 'remove the tag'),
  BAD_DIRECTIVE: syntax('a line beginning with % that YAML does not know', 'remove it'),
  BAD_DQ_ESCAPE: syntax('an unknown escape in double quotes', 'write \\\\ for a backslash'),
  BAD_INDENT: syntax('the indentation fits nothing above it', INDENT),
  BAD_PROP_ORDER: syntax('an anchor or a tag in the wrong place', 'put it before the value'),
  BAD_SCALAR_START: syntax('a text begins with a reserved character', 'put it in quotes'),
  BLOCK_AS_IMPLICIT_KEY: syntax('a list or mapping begins where a value ended', INDENT),
  BLOCK_IN_FLOW: syntax(
    'a list or mapping without brackets inside brackets',
    'a comma is missing, or quotes around a value that has a colon and a blank in it',
  ),
  DUPLICATE_KEY: syntax('a key stands twice in one mapping', 'remove one of the two'),
  IMPOSSIBLE: syntax('this is not YAML'),
  KEY_OVER_1024_CHARS: syntax('a key longer than 1024 characters', 'shorten it'),
  MISSING_CHAR: syntax('something is missing here', 'see whether a quote or bracket is closed'),
  MULTILINE_IMPLICIT_KEY: syntax('a text of several lines stands as a key', INDENT),
  MULTIPLE_ANCHORS: syntax('two anchors on one value', 'remove one'),
  MULTIPLE_DOCS: syntax('more than one document'),
  MULTIPLE_TAGS: syntax('two tags on one value', 'remove both'),
  NON_STRING_KEY: syntax('a key that is not text', 'put it in quotes'),
  RESOURCE_EXHAUSTION: syntax('nested too deep'),
  TAB_AS_INDENT: TAB,
  TAG_RESOLVE_FAILED: syntax('a tag or value that YAML 1.2 does not know', 'remove the tag'),
  UNEXPECTED_TOKEN: syntax('this fits nothing before it', 'quote a text with special characters'),
};
