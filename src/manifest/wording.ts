/** How messages name places and values. */
import { isObject, pointerKeys } from '../core/json.js';

/** `/spec/targets/0/weight` as people write it: `spec.targets[0].weight`. */
export function pathText(pointer: string): string {
  let text = '';
  for (const key of pointerKeys(pointer)) {
    if (/^[0-9]+$/.test(key)) text += `[${key}]`;
    else if (/^[A-Za-z_$][\w$-]*$/.test(key)) text += text === '' ? key : `.${key}`;
    else text += `[${quoted(key)}]`;
  }
  return text === '' ? 'the manifest' : text;
}

/** Text in quotes on one line, cut where it is long. */
export function quoted(text: string): string {
  return JSON.stringify(text.length <= 60 ? text : `${text.slice(0, 57)}...`);
}

/** What stands there, for people: `the text "1.0"`, `the number 007` as written, `a list`. */
export function found(value: unknown, written: string | null = null): string {
  if (typeof value === 'string')
    return value === '' ? 'an empty text' : `the text ${quoted(value)}`;
  if (typeof value === 'number') return `the number ${written ?? value}`;
  if (typeof value === 'boolean') return written ?? String(value);
  if (Array.isArray(value)) return 'a list';
  return isObject(value) ? 'a mapping' : 'nothing (null)';
}

/** `a, b or c`. */
export function alternatives(words: readonly string[]): string {
  if (words.length < 2) return words.join('');
  return `${words.slice(0, -1).join(', ')} or ${words.at(-1) ?? ''}`;
}
