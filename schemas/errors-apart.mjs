/**
 * Validators as ajv writes them make each error where they find it, with its words, the schema and what
 * is around it: two thirds of their text, for values that hardly ever are wrong. What of an error is
 * known beforehand goes into a list, which is made when a value was refused, and may be in another
 * file.
 */

/** What ajv writes for an error, from `const` to the end; the object may have braces inside. */
const ERROR = /const (err\d+) = \{/g;
const rest = (name) =>
  `;if(vErrors === null){vErrors = [${name}];}else {vErrors.push(${name});}errors++;`;

/**
 * @param code of validators, with `const schemaN = …;` for each schema
 * @param file that will have the list
 */
export function errorsApart(code, file) {
  const schemas = new Map();
  const bare = code.replace(SCHEMA, (_, name, text) => {
    schemas.set(name, JSON.parse(text));
    return '';
  });
  const list = [];
  let text = '';
  let from = 0;
  for (const { index, 0: begun, 1: name } of bare.matchAll(ERROR)) {
    const open = index + begun.length - 1;
    const close = endOf(bare, open);
    if (!bare.startsWith(rest(name), close)) throw new Error(`${name} is not as others are`);
    text += `${bare.slice(from, index)}${told(bare.slice(open + 1, close - 1), list)}`;
    from = close + rest(name).length;
  }
  text += bare.slice(from);
  text = text.replace(/export const (\w+) = (validate\d+);/g, 'export const $1 = whole($2);');
  const { keys, text: looked } = withKeys(text, schemas);
  const odd = /\bschema\d+\b/.exec(looked)?.[0];
  if (odd !== undefined) throw new Error(`${odd} is looked at by more than errors`);
  return {
    validators: [`import { errorAt } from './${file}';`, TOLD, ...keys, looked].join('\n'),
    errors: listOf([...schemas], list),
  };
}

/** Ajv writes a schema as JSON, on the line of everything else. */
const SCHEMA = /const (schema\d+) = (\{.*?\});(?=const |function |export |let |$)/gm;

/** The place after the brace that closes the one at `open`. */
function endOf(text, open) {
  let depth = 0;
  for (let at = open; at < text.length; at += 1) {
    const char = text[at];
    if (char === '"') {
      at = /"(?:[^"\\]|\\.)*"/y.exec(text.slice(at))[0].length + at - 1;
    } else if (char === '{' || char === '[' || char === '(') depth += 1;
    else if (char === '}' || char === ']' || char === ')') {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  throw new Error('a brace is not closed');
}

/** The properties of an object as it is written, by name. */
function propertiesOf(text) {
  const found = new Map();
  let at = 0;
  while (at < text.length) {
    let end = at;
    while (end < text.length && text[end] !== ',') {
      const char = text[end];
      if (char === '"') end += /^"(?:[^"\\]|\\.)*"/.exec(text.slice(end))[0].length;
      else if (char === '{' || char === '[' || char === '(') end = endOf(text, end);
      else end += 1;
    }
    const one = text.slice(at, end);
    const [, name, value = name] = /^(\w+)(?::([^]*))?$/.exec(one);
    found.set(name, value);
    at = end + 1;
  }
  return found;
}

/** The error as it is said there; the rest of it goes into the list, under the number that it names. */
function told(text, list) {
  const properties = propertiesOf(text);
  const { instancePath, data, ...more } = Object.fromEntries(properties);
  const known = Object.entries(more).filter(([, value]) => isKnown(value));
  const found = Object.entries(more).filter(([, value]) => !isKnown(value));
  const entry = `{${known.map((pair) => pair.join(':')).join()}}`;
  const before = list.indexOf(entry);
  const number = before === -1 ? list.push(entry) - 1 : before;
  const rest = found.length === 0 ? '' : `,{${found.map((pair) => pair.join(':')).join()}}`;
  return `vErrors = told(vErrors, ${number}, ${instancePath}, ${data}${rest});errors++;`;
}

/** Of no variable but schemas. */
function isKnown(value) {
  const names = value
    .replace(/"(?:[^"\\]|\\.)*"/g, '""')
    .replace(/\.\w+/g, '')
    .replace(/\b\w+:/g, '')
    .match(/\b[A-Za-z_]\w*/g);
  return (names ?? []).every((name) => /^(schema\d+|true|false|null|undefined)$/.test(name));
}

/** More keys than a few are looked up in the schema: in a set of their own in its place. */
function withKeys(text, schemas) {
  const keys = [];
  const looked = text.replace(
    /\bfunc\d+\.call\((schema\d+)((?:\.\w+|\["[^"]*"\])*), (\w+)\)/g,
    (_, name, path, key) => {
      const steps = [...path.matchAll(/\.(\w+)|\["([^"]*)"\]/g)].map(([, a, b]) => a ?? b);
      const object = steps.reduce((value, step) => value[step], schemas.get(name));
      const set = `keys${keys.length}`;
      keys.push(`const ${set} = new Set(${JSON.stringify(Object.keys(object))});`);
      return `${set}.has(${key})`;
    },
  );
  return { keys, text: looked };
}

/** Of a value that may be one of several, each that it is not leaves errors which are forgotten. */
const TOLD = `
function told(errors, number, instancePath, data, more) {
  const error = [number, instancePath, data, more];
  if (errors === null) return [error];
  errors.push(error);
  return errors;
}
function whole(validate) {
  const checked = (value) => {
    const fits = validate(value);
    const found = validate.errors ?? null;
    checked.errors = found === null ? null : found.map(spelt);
    return fits;
  };
  return checked;
}
function spelt([number, instancePath, data, more]) {
  return { instancePath, ...errorAt(number), data, ...more };
}
`;

/** A module: nothing of it is made before the first error. */
function listOf(schemas, list) {
  return [
    'let made;',
    'export function errorAt(number) {',
    '  made ??= all();',
    '  return made[number];',
    '}',
    'function all() {',
    ...schemas.map(([name, schema]) => `const ${name} = ${JSON.stringify(schema)};`),
    `return [\n${list.join(',\n')}\n];`,
    '}',
  ].join('\n');
}
