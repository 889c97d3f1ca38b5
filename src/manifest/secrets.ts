/**
 * Secrets that somebody wrote into a manifest. No issue repeats the value: the output of a run is
 * kept longer, and read by more people, than the commit that is about to be corrected.
 */
import type { Issue } from '../core/issue.js';
import { pointerToken } from '../core/json.js';
import type { Json } from '../core/json.js';
import type { Positions } from '../core/types.js';
import { pathText } from './wording.js';

const WORDS =
  'secret|password|passwd|passphrase|token|api[-_]?key|private[-_]?key|bearer|credential';

/** Keys that ask for a secret: `clientSecret`, `api_key`; `secretEnv` names a variable instead. */
const SECRET_KEY = new RegExp(`(${WORDS})$`, 'i');

/** The values of these keys are names of environment variables. */
const VARIABLE_KEY = /Env$/;

const VARIABLE = /^[A-Z_][A-Z0-9_]*$/;

/** A user name in an address, or a parameter that hands over a secret. Both take linear time. */
const SECRET_IN_URL = [
  /:\/\/[^/?#\s]*@/,
  new RegExp(`[?&#;][^=&#?;]*(${WORDS}|signature|subscription-key|functions-key)=[^&#]`, 'i'),
  /[?&#;](?:sig|sas|hmac|pwd|auth|access_key|x-amz-signature)=[^&#]/i,
];

/** Words that mean a secret where a program is to send something, and anything in a text. */
const KEY_TO_SEND = /[?&#;](?:code|key|id_key|secret|pass|auth_key|k|t|s)=[^&#]/i;

/** Keys whose value is an address that something is sent to. */
const ADDRESS_KEY = /(?:url|uri|host|address|endpoint)$/i;

/** Services whose addresses are secrets themselves: who knows the path may send. */
const SECRET_PATHS: readonly (readonly [host: RegExp, path: RegExp])[] = [
  [/^hooks\.slack(-gov)?\.com$/, /^\/(services|workflows|triggers)\/./],
  [/^([a-z]+\.)?discord(app)?\.com$/, /^\/api\/(v\d+\/)?webhooks\/./],
  [/(^|\.)webhook\.office(365)?\.com$/, /^\/webhook/],
  [/^outlook\.office(365)?\.com$/, /^\/webhook/],
  [/\.logic\.azure\.(com|us|cn)$/, /^\/(workflows|triggers)\//],
  [/\.api\.powerplatform\.(com|us)$/, /\/(workflows|powerautomate)\//],
  [/^chat\.googleapis\.com$/, /^\/v\d+\/spaces\/[^/]+\/messages/],
  [/^hooks\.zapier\.com$/, /^\/hooks\/./],
  [/^hook\.([a-z0-9]+\.)?(make|integromat)\.com$/, /^\/./],
  [/^maker\.ifttt\.com$/, /\/key\/./],
  [/^api\.telegram\.org$/, /^\/bot./],
  [/^open\.(feishu\.cn|larksuite\.com)$/, /\/hook\/./],
  [/^webhook\.site$/, /^\/./],
  [/\.m\.pipedream\.net$/, /^/],
  [/^events\.([a-z]+\.)?pagerduty\.com$/, /^\/(integration|x-ere)\/./],
  [/^hooks\.airtable\.com$/, /^\/workflows\/./],
  [/^webhooks?\.([a-z]+\.)?workato\.com$/, /^\/webhooks\//],
  [/^api\.ciscospark\.com$|^webexapis\.com$/, /\/webhooks\/incoming\/./],
];

/** Long, of small and large letters and digits: nobody reads such a word, so it is a key. */
const KEY_IN_PATH = /\/(?=[\w-]*[a-z])(?=[\w-]*[A-Z])(?=[\w-]*[0-9])[\w-]{24,}(?=\/|$)/;

/** Keys that say by how they begin, or are made, what they are: whoever reads one can use it. */
const KEYS = [
  /\bwhsec_[A-Za-z0-9+/]{24}/,
  /\bgh[opsru]_[A-Za-z0-9]{36}|\bgithub_pat_[A-Za-z0-9_]{40}/,
  /\bglpat-[\w-]{20}|\bnpm_[A-Za-z0-9]{36}/,
  /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b|\bAIza[\w-]{35}|\bxox[abeoprs]-[A-Za-z0-9-]{20}/,
  /\b[rs]k_(?:live|test)_[A-Za-z0-9]{20}/,
  /\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10}/,
  /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY(?: BLOCK)?-----/,
];

/** No key of those is shorter. */
const LEAST_KEY = 20;

/** Where a secret stands, by pointer. Iterates over everything once; the depth is bounded. */
export function secretPointers(body: Json): Map<string, 'key' | 'variable' | 'url'> {
  const found = new Map<string, 'key' | 'variable' | 'url'>();
  search(body, '', found);
  return found;
}

export function secretIssues(
  secrets: ReadonlyMap<string, 'key' | 'variable' | 'url'>,
  positions: Positions,
): Issue[] {
  return [...secrets].map(([pointer, where]) => ({
    code: 'secret-in-manifest',
    severity: 'error',
    at: positions.at(pointer),
    message: `${pathText(pointer)}: ${MESSAGE[where]}`,
    hint: HINT[where],
  }));
}

const MESSAGE = {
  key: 'a secret does not belong in a manifest',
  variable: 'this looks like a secret; the name of an environment variable belongs here',
  url: 'the address carries a user name or a secret',
} as const;

const HINT = {
  key: 'keep it in an environment variable, remove it here, and replace it: git remembers it',
  variable: 'write a name such as GENESYS_CLIENT_SECRET, and replace the secret: git remembers it',
  url: 'write the address without it, and replace the secret: git remembers it',
} as const;

/** More than a person reads of one document. */
const MAX_FOUND = 100;

type FoundSecrets = Map<string, 'key' | 'variable' | 'url'>;

function search(value: Json, pointer: string, found: FoundSecrets): void {
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index += 1) {
      visit(value[index] ?? null, String(index), pointer, found);
    }
    return;
  }
  for (const key of Object.keys(value)) visit(value[key] ?? null, key, pointer, found);
}

function visit(value: Json, key: string, parent: string, found: FoundSecrets): void {
  if (typeof value === 'object' && value !== null) {
    search(value, `${parent}/${pointerToken(key)}`, found);
    return;
  }
  const where = suspicion(key, value);
  if (where !== null && found.size < MAX_FOUND) {
    found.set(`${parent}/${pointerToken(key)}`, where);
  }
}

function suspicion(key: string, value: Json): 'key' | 'variable' | 'url' | null {
  if (value === null || typeof value === 'boolean' || value === '') return null;
  // Cheap tests come earlier: nearly every value of every manifest passes here.
  const last = key.charCodeAt(key.length - 1) | 0x20;
  if (SECRET_ENDS.has(last) && SECRET_KEY.test(key)) return 'key';
  if (typeof value !== 'string') return VARIABLE_KEY.test(key) ? 'variable' : null;
  if (VARIABLE_KEY.test(key)) return looksSecret(value) ? 'variable' : null;
  if (value.length >= LEAST_KEY && KEYS.some((one) => one.test(value))) return 'key';
  if (!value.includes('://')) return null;
  return isSecretAddress(value, ADDRESS_KEY.test(key)) ? 'url' : null;
}

/** `toSend`: a program is told to send something there. */
function isSecretAddress(text: string, toSend: boolean): boolean {
  // A sign may be written as a number, and mean the same to whoever gets the request.
  const plain = decoded(text);
  if (SECRET_IN_URL.some((pattern) => pattern.test(text) || pattern.test(plain))) return true;
  if (toSend && KEY_TO_SEND.test(plain)) return true;
  return (plain.match(/https?:\/\/[^\s<>"')\]]+/gi) ?? []).some((one) => {
    if (!URL.canParse(one)) return false;
    const { hostname, pathname } = new URL(one);
    const host = hostname.replace(/\.$/, '');
    return (
      SECRET_PATHS.some(([of, path]) => of.test(host) && path.test(pathname)) ||
      (toSend && KEY_IN_PATH.test(pathname))
    );
  });
}

function decoded(text: string): string {
  return text.replace(/%([2-7][0-9a-f])/gi, (_all, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

/** The last letters of the words above. */
const SECRET_ENDS: ReadonlySet<number> = new Set(
  Array.from('tdenyrl', (letter) => letter.charCodeAt(0)),
);

/**
 * A name is made of words. What is long and mixes letters with digits, or holds what no name may,
 * is taken for the secret itself.
 */
function looksSecret(value: string): boolean {
  if (VARIABLE.test(value)) return /^[A-Z0-9]{20,}$/.test(value) && /[0-9]/.test(value);
  return !/^[A-Za-z_ -]{1,40}$/.test(value);
}
