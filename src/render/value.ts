/** JSON values as people read them, on one line, safe to show. */
import { isObject, type Json } from '../core/json.js';
import { visible } from '../core/visible.js';

/** `0.8`, `active`, `"Support Tier 1"`, `{ priority: 1, weight: 0.8 }`. */
export function valueText(value: Json): string {
  if (typeof value === 'string') return plain(value) ? value : quoted(value);
  if (Array.isArray(value)) return `[${value.map(valueText).join(', ')}]`;
  if (isObject(value)) {
    const entries = Object.entries(value).map(
      ([key, item]) => `${keyText(key)}: ${valueText(item)}`,
    );
    return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
  }
  return value === null ? 'none' : String(value);
}

function keyText(key: string): string {
  return /^[\w-]+$/.test(key) ? key : quoted(key);
}

/** Words that cannot be taken for anything else. */
function plain(text: string): boolean {
  return /^[A-Za-z][A-Za-z0-9_-]*$/.test(text) && !/^(none|true|false|null)$/.test(text);
}

/** Escaped as in the path of a field, so that a name looks the same wherever it is shown. */
function quoted(text: string): string {
  return visible(JSON.stringify(text));
}
