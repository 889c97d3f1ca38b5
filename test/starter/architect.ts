/**
 * What Architect would say of a flow, as far as that can be known without an org: whether a flow of
 * its type takes every action, whether every expression parses, and whether every function and
 * operator in it has such arguments.
 *
 * The tables come out of Genesys's own scripting SDK, an old version, which is what npm offers. They
 * are cut out of its bundle, which needs a session to be run. What is newer than that version stands
 * in `NEWER`, with where it is known from.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { runInNewContext } from 'node:vm';

/** A type of Architect: the code that its own table uses, and whether it is a collection. */
export interface Type {
  readonly code: string;
  readonly isArray: boolean;
}

interface Parameter {
  readonly type: string;
  readonly isArray: boolean;
  readonly repeatable?: boolean;
}

interface Overload {
  readonly parameters: readonly Parameter[];
  readonly returnValue: { readonly type: string; readonly isArray: boolean };
  readonly support?: { readonly resolver: string };
}

interface Operation {
  readonly type: 'function' | 'operator';
  /** Of a function. */
  readonly name?: string;
  /** Of an operator. */
  readonly symbol?: string;
  readonly category: string;
  readonly overloads: readonly Overload[];
}

const require = createRequire(import.meta.url);

function bundle(): string {
  const file = require.resolve('purecloud-flow-scripting-api-sdk-javascript');
  return readFileSync(file, 'utf8');
}

/** The literal that begins at the brace `from`: strings are passed over. */
function literal(text: string, from: number): string {
  let depth = 0;
  let quote = '';
  for (let at = from; at < text.length; at += 1) {
    const here = text.charAt(at);
    if (quote !== '') {
      if (here === '\\') at += 1;
      else if (here === quote) quote = '';
    } else if (here === '"' || here === "'") quote = here;
    else if (here === '{') depth += 1;
    else if (here === '}' && (depth -= 1) === 0) return text.slice(from, at + 1);
  }
  throw new Error('the table of the scripting SDK has no end');
}

function after(text: string, words: string): number {
  const at = text.indexOf(words);
  if (at === -1) throw new Error(`the scripting SDK has no ${words}`);
  return at;
}

/** Takes an integer, a decimal and so on: `type` is one of Genesys's codes. */
function one(type: string): Parameter {
  return { type, isArray: false };
}

/** What Architect has learnt since: not in the table, so its form is known from elsewhere. */
const NEWER: readonly Operation[] = [
  // It exists since 0.26.2: changelog of the scripting SDK. Callers of it in public flows give the
  // lowest and the highest number.
  newer('RandomInt', ['int', 'int'], 'int'),
  // It exists since 0.26.2 as well; that it takes a name and gives a duration is assumed.
  newer('FindQueueEstimatedWaitTime', ['str'], 'dur'),
];

function newer(name: string, parameters: readonly string[], result: string): Operation {
  const returnValue = { type: result, isArray: false };
  const overloads = [{ parameters: parameters.map(one), returnValue }];
  return { type: 'function', name, category: 'newer', overloads };
}

interface Tables {
  readonly operations: readonly Operation[];
  /** Flow types by the name of the action's class. */
  readonly flowTypes: ReadonlyMap<string, readonly string[]>;
}

let read: Tables | undefined;

export function tables(): Tables {
  if (read !== undefined) return read;
  const text = bundle();
  const at = after(text, 'expression:{add:{identifier:"add"') + 'expression:'.length;
  const known = runInNewContext(`(${literal(text, at)})`) as Record<string, Operation>;
  const rows = text.matchAll(/(\w+):\{categoryInfo:\{[^{}]*\},flowTypes:\[([^\]]*)\]/g);
  const flowTypes = [...rows].map(
    ([, name = '', types = '']) => [name, types.replaceAll('"', '').split(',')] as const,
  );
  read = { operations: [...Object.values(known), ...NEWER], flowTypes: new Map(flowTypes) };
  return read;
}

/** The class of each action that a YAML key stands for. */
const CLASSES: Readonly<Record<string, string>> = {
  callTask: 'CallTaskAction',
  decision: 'DecisionAction',
  disconnect: 'DisconnectAction',
  endTask: 'EndTaskAction',
  jumpToTask: 'TransferTaskAction',
  loop: 'LoopAction',
  transferToAcd: 'TransferPureMatchAction',
  updateData: 'UpdateVariableAction',
};

/**
 * Actions that the table does not have, with a published inbound call flow that uses them:
 * CacheExampleFlow.yaml of GenesysCloudBlueprints/design-architect-flow-data-actions-for-resiliency.
 */
const SEEN_IN_INBOUND_CALLS = new Set(['dataTableLookup']);

/** Why a flow of this type does not take the action; `null` where it does. */
export function refusedAction(flowType: string, key: string): string | null {
  if (SEEN_IN_INBOUND_CALLS.has(key) && flowType === 'inboundcall') return null;
  const types = tables().flowTypes.get(CLASSES[key] ?? '');
  if (types === undefined) return `${key}: no action that is known of flows of type ${flowType}`;
  return types.includes(flowType) ? null : `${key}: for ${types.join(', ')}, not for ${flowType}`;
}

/** The type of an expression; throws where Architect would mark it. */
export function typeOf(expression: string, variables: ReadonlyMap<string, Type>): Type {
  const reader = new Reader(tokens(expression), variables);
  const type = reader.disjunction();
  reader.end();
  return type;
}

const TOKEN = /\s*("(?:[^"\\]|\\.)*"|\d+\.\d+|\d+|[A-Za-z_][\w.]*|==|!=|<=|>=|[-+*/%<>(),!])/y;

function tokens(text: string): string[] {
  const found: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.trimEnd().length) {
    const at = TOKEN.lastIndex;
    const token = TOKEN.exec(text)?.[1];
    if (token === undefined) throw new Error(`not an expression from ${at}: ${text}`);
    found.push(token);
  }
  return found;
}

const LEVELS: readonly (readonly string[])[] = [
  ['or'],
  ['and'],
  ['==', '!='],
  ['<', '<=', '>', '>='],
  ['+', '-'],
  ['*', '/', '%'],
];

class Reader {
  #at = 0;

  constructor(
    private readonly found: readonly string[],
    private readonly variables: ReadonlyMap<string, Type>,
  ) {}

  disjunction(level = 0): Type {
    const symbols = LEVELS[level];
    if (symbols === undefined) return this.single();
    let left = this.disjunction(level + 1);
    while (symbols.includes(this.#next().toLowerCase())) {
      const symbol = this.#take().toLowerCase();
      const right = this.disjunction(level + 1);
      left = resultOf(
        ({ type, symbol: own, category }) =>
          type === 'operator' && own === symbol && category !== 'unary',
        symbol,
        [left, right],
      );
    }
    return left;
  }

  end(): void {
    if (this.#at < this.found.length) throw new Error(`unexpected ${this.#next()}`);
  }

  private single(): Type {
    const token = this.#take();
    if (token === '(') {
      const inner = this.disjunction();
      this.#expect(')');
      return inner;
    }
    if (token.startsWith('"')) return scalar('str');
    if (/^\d+\.\d+$/.test(token)) return scalar('dec');
    if (/^\d+$/.test(token)) return scalar('int');
    if (token === 'true' || token === 'false') return scalar('bln');
    if (token === 'NOT_SET') return scalar('nts');
    if (this.#next() === '(') return this.call(token);
    const type = this.variables.get(token);
    if (type === undefined) {
      throw new Error(`${token || 'the end'} is no variable of the flow`);
    }
    return type;
  }

  private call(name: string): Type {
    this.#expect('(');
    const given: Type[] = [];
    while (this.#next() !== ')') {
      given.push(this.disjunction());
      if (this.#next() === ',') this.#take();
    }
    this.#expect(')');
    return resultOf(({ type, name: own }) => type === 'function' && own === name, name, given);
  }

  #next(): string {
    return this.found[this.#at] ?? '';
  }

  #take(): string {
    const token = this.#next();
    this.#at += 1;
    return token;
  }

  #expect(token: string): void {
    const here = this.#take();
    if (here !== token) throw new Error(`${token} is expected in place of ${here || 'the end'}`);
  }
}

function scalar(code: string): Type {
  return { code, isArray: false };
}

function resultOf(
  isIt: (operation: Operation) => boolean,
  name: string,
  given: readonly Type[],
): Type {
  const operation = tables().operations.find(isIt);
  if (operation === undefined) throw new Error(`${name} is no function or operator`);
  const fitting = operation.overloads.find(({ parameters }) => takes(parameters, given));
  const said = given.map(({ code, isArray }) => (isArray ? `${code}[]` : code)).join(', ');
  if (fitting === undefined) throw new Error(`${name}(${said}) has no such form`);
  return resolved(fitting, given, `${name}(${said})`);
}

function takes(parameters: readonly Parameter[], given: readonly Type[]): boolean {
  const last = parameters.at(-1);
  const wanted =
    last?.repeatable === true && given.length >= parameters.length
      ? [...parameters, ...given.slice(parameters.length).map(() => last)]
      : parameters;
  if (wanted.length !== given.length) return false;
  return wanted.every(({ type, isArray }, index) => {
    const own = given[index];
    return (
      own?.isArray === isArray && (type === own.code || (type === 'any' && own.code !== 'nts'))
    );
  });
}

/** `resolver`: how a result of any type follows from the arguments. */
function resolved({ returnValue, support }: Overload, given: readonly Type[], said: string): Type {
  const { type: code, isArray } = returnValue;
  const [first, second] = given;
  const same = (types: readonly (Type | undefined)[]): Type => {
    const [head] = types;
    if (head === undefined || types.some((other) => other?.code !== head.code)) {
      throw new Error(`${said}: of one type, all of them`);
    }
    return head;
  };
  switch (support?.resolver ?? 'None') {
    case 'GetAt':
      return scalar(first?.code ?? code);
    case 'If':
      return same([second, given[2]]);
    case 'n-SameTypeRetColl':
      return { code: same(given).code, isArray: true };
    case 'SameType':
    case 'n-SameType':
      same(given);
      return { code, isArray };
    default:
      return { code, isArray };
  }
}

/** An action, with the flow's parts that are read where their kind is known. */
// oxlint-disable-next-line typescript/no-explicit-any
type Settings = any;

/** What Architect would refuse in a flow of Archy's YAML, once parsed; empty where nothing. */
export function problems(flow: Readonly<Record<string, Settings>>): string[] {
  const [[key, settings] = ['', {}]] = Object.entries<Settings>(flow);
  return new Check(key.toLowerCase(), settings).problems();
}

const CODES: Readonly<Record<string, string>> = {
  boolean: 'bln',
  decimal: 'dec',
  integer: 'int',
  queue: 'que',
  string: 'str',
};

/** Where an expression stands in an action, and what type it must have there. */
const EXPRESSIONS: readonly (readonly [key: string, code: string])[] = [
  ['acdSkill', 'skl'],
  ['condition', 'bln'],
  ['failureTransferAudio', 'aud'],
  ['findName', 'str'],
  ['initialGreeting', 'aud'],
  ['lookupValue', 'str'],
  ['loopCount', 'int'],
  ['preHandlingAudio', 'aud'],
  ['targetQueue', 'que'],
];

/** Keys whose `var` an action writes to, and the type that it writes. */
const WRITTEN: Readonly<Record<string, string>> = { currentIndex: 'int', findResult: 'que' };

class Check {
  readonly #variables = new Map<string, Type>();
  readonly #found: string[] = [];

  constructor(
    private readonly flowType: string,
    private readonly flow: Settings,
  ) {
    for (const declared of flow.variables as Record<string, Settings>[]) {
      const [[kind, { name, initialValue }] = ['', {}]] = Object.entries<Settings>(declared);
      const code = CODES[kind.replace(/Variable$/, '')];
      if (code === undefined) this.#found.push(`${name}: no type of a variable: ${kind}`);
      else if (this.#variables.has(name)) this.#found.push(`${name}: declared twice`);
      else this.#variables.set(name, scalar(code));
      if ('lit' in initialValue && !isLiteral(code, initialValue.lit)) {
        this.#found.push(`${name}: its first value is no ${kind}`);
      }
    }
  }

  problems(): string[] {
    const { tasks, ...settings } = this.flow;
    this.walk({ ...settings, variables: [] }, this.flow.name);
    const ids = (tasks as Settings[]).map(({ task }) => `task[${task.refId}]`);
    if (!ids.some((id) => String(this.flow.startUpRef).endsWith(`/${id}`))) {
      this.#found.push(`${this.flow.startUpRef}: no task to start with`);
    }
    for (const { task } of tasks) this.actions(task.actions);
    return this.#found;
  }

  private actions(actions: readonly Record<string, Settings>[]): void {
    for (const action of actions) {
      const [[key, settings] = ['', {}]] = Object.entries<Settings>(action);
      const refused = refusedAction(this.flowType, key);
      if (refused !== null) this.#found.push(`${settings.name}: ${refused}`);
      const { outputs = {}, ...own } = settings;
      if (key === 'updateData') this.statements(own);
      else this.walk(own, settings.name);
      if (key === 'dataTableLookup') this.columns(own);
      for (const branch of Object.values<Settings>(outputs)) this.actions(branch.actions);
      if (key === 'loop' && endsFlow(outputs.loop.actions)) {
        // "loop.terminating" in the scripting SDK.
        this.#found.push(`${settings.name}: every round of this loop ends the flow`);
      }
    }
  }

  private statements({ name, statements }: Settings): void {
    for (const statement of statements as Record<string, Settings>[]) {
      const [[kind, { variable, value }] = ['', {}]] = Object.entries<Settings>(statement);
      this.writes(variable, CODES[kind] ?? kind, name);
      if (typeof value.exp === 'string') this.expression(value.exp, CODES[kind] ?? kind, name);
    }
  }

  private columns({ name, dataTable }: Settings): void {
    for (const { foundOutputs } of Object.values<Settings>(dataTable)) {
      for (const { var: variable } of Object.values<Settings>(foundOutputs)) {
        if (!this.#variables.has(variable))
          this.#found.push(`${name}: ${variable} is not declared`);
      }
    }
  }

  private walk(settings: Settings, name: string): void {
    for (const [key, value] of Object.entries<Settings>(settings)) {
      if (value === null || typeof value !== 'object') continue;
      const code = EXPRESSIONS.find(([own]) => own === key)?.[1];
      if (typeof value.exp === 'string') this.expression(value.exp, code ?? 'any', name);
      else if (key in WRITTEN) this.writes(value.var, WRITTEN[key] ?? '', name);
      else this.walk(value, name);
    }
  }

  private writes(variable: string, code: string, name: string): void {
    const type = this.#variables.get(variable);
    if (type?.code === code) return;
    this.#found.push(`${name}: ${variable} is ${type?.code ?? 'not declared'}, not ${code}`);
  }

  private expression(text: string, wanted: string, name: string): void {
    try {
      const { code, isArray } = typeOf(text, this.#variables);
      if (wanted === 'any' || (code === wanted && !isArray)) return;
      this.#found.push(`${name}: ${text} gives ${code}, not ${wanted}`);
    } catch (error) {
      this.#found.push(`${name}: ${(error as Error).message}: ${text}`);
    }
  }
}

function isLiteral(code: string | undefined, value: unknown): boolean {
  if (code === 'int') return Number.isInteger(value);
  if (code === 'dec') return typeof value === 'number';
  if (code === 'bln') return typeof value === 'boolean';
  return typeof value === 'string';
}

/** No action after these is reached, whatever the call is. */
function endsFlow(actions: readonly Record<string, Settings>[]): boolean {
  return actions.some((action) => 'disconnect' in action || 'endTask' in action);
}
