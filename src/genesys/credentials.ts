/**
 * Answers without the credentials of their requests. Some proxies show a request back on their
 * error pages, as it was or decoded, escaped for HTML, for JSON, for a URL.
 */

/** Shorter ones would take words out of messages that have nothing to do with them. */
const SHORTEST_SECRET = 6;

/**
 * The text of an answer without what the `Authorization` header of its request held, however that
 * is written: the credential, and of client credentials the secret, and both as pages escape them.
 */
export function withoutCredential(body: string, headers: Readonly<Record<string, string>>): string {
  const [scheme = '', credential = ''] = headers['Authorization']?.split(' ') ?? [];
  if (credential === '') return body;
  const secret = scheme.toLowerCase() === 'basic' ? secretIn(credential) : '';
  const hidden = [credential.replace(/=+$/, ''), ...(secret === '' ? [] : [secret])];
  return hidden.reduce(
    // Nothing escapes letters and digits: most answers are told by looking for some of them.
    (text, one) => (text.includes(coreOf(one)) ? text.replace(anyFormOf(one), MARK) : text),
    body,
  );
}

const MARK = '(credential)';

/** The longest part that looks the same in every form. */
function coreOf(text: string): string {
  const parts = text.split(/[^A-Za-z0-9]+/);
  return parts.reduce((longest, one) => (one.length > longest.length ? one : longest), '');
}

function secretIn(credential: string): string {
  const pair = Buffer.from(credential, 'base64').toString('utf8');
  const secret = pair.slice(pair.indexOf(':') + 1);
  return secret.length < SHORTEST_SECRET ? '' : secret;
}

const NAMED: Readonly<Record<string, string>> = {
  '&': 'amp',
  '<': 'lt',
  '>': 'gt',
  '"': 'quot',
  "'": 'apos',
  '+': 'plus',
  '/': 'sol',
  '=': 'equals',
  '%': 'percnt',
  '#': 'num',
  '!': 'excl',
  $: 'dollar',
};

/** Letters and digits stand for themselves everywhere, any other sign may be escaped. */
function anyFormOf(text: string): RegExp {
  const signs = Array.from(text, (char) => {
    if (/[A-Za-z0-9]/.test(char)) return char;
    const code = char.codePointAt(0) ?? 0;
    const hex = code.toString(16);
    const name = NAMED[char];
    const percent = char.isWellFormed() ? encodeURIComponent(char) : '';
    const forms = [
      ...[`&#0*${code};?`, `&#x0*${hex};?`],
      ...[`%${hex.padStart(2, '0')}`, `\\\\u${hex.padStart(4, '0')}`],
      ...(percent.startsWith('%') ? [percent] : []),
      ...(name === undefined ? [] : [`&${name};?`]),
      // Last: an ampersand is also what its own escapes begin with.
      `\\\\?\\u{${hex}}`,
    ];
    return `(?:${forms.join('|')})`;
  });
  return new RegExp(signs.join(''), 'giu');
}
