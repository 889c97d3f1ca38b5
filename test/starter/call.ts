/**
 * A call through the flow of the starter: the actions that it uses, and their expressions, as
 * docs/call-flow.md says that Architect takes them. Nothing here was checked against Architect.
 */
import { compileFunction } from 'node:vm';

export type Cell = string | number | boolean;
export type Row = Readonly<Record<string, Cell>>;

export interface World {
  /** Rows by key. */
  readonly rows: Readonly<Record<string, Row>>;
  readonly queues: readonly string[];
  readonly skills: readonly string[];
  /** Queues whose transfer fails. */
  readonly closed?: readonly string[];
  /** What RandomInt gives, time after time; the last one again where it is asked more often. */
  readonly draws: readonly number[];
  /** What a loop gives as the index of its first round. */
  readonly firstIndex?: 0 | 1;
  /** Seconds, by queue. */
  readonly waits?: Readonly<Record<string, number>>;
}

export interface Transfer {
  readonly queue: string;
  readonly skills: readonly string[];
  readonly took: boolean;
}

type Action = Record<string, Settings>;
// The settings of an action are whatever its kind says: they are read where they are known.
// oxlint-disable-next-line typescript/no-explicit-any
type Settings = any;

interface Taken {
  readonly done: boolean;
}
const GOES_ON: Taken = { done: false };
const DONE: Taken = { done: true };
/** Rounds of a loop: Architect takes no more. */
const MOST_ROUNDS = 99;

/** Every transfer that was tried, in order; the last one took the call, or nobody did. */
export function call(flow: { readonly inboundCall: Settings }, world: World): Transfer[] {
  return new Call(flow.inboundCall, world).run();
}

type Formula = (...values: unknown[]) => unknown;
const formulas = new Map<string, Formula>();

function formula(expression: string, names: readonly string[]): Formula {
  const known = formulas.get(expression);
  if (known !== undefined) return known;
  const script = expression
    .replaceAll(' and ', ' && ')
    .replaceAll(' or ', ' || ')
    .replaceAll(/ (==|!=) /g, ' $1= ');
  const made = compileFunction(`return ${script};`, names) as Formula;
  formulas.set(expression, made);
  return made;
}

class Call {
  /** Without the `Flow.` that their names begin with. */
  readonly #flowVariables: Record<string, unknown> = {};
  readonly #transfers: Transfer[] = [];
  readonly #functions: Record<string, unknown>;

  constructor(
    private readonly flow: Settings,
    private readonly world: World,
  ) {
    let drawn = 0;
    const draw = (): number => {
      const { draws } = world;
      const given = draws[Math.min(drawn, draws.length - 1)] ?? 0;
      drawn += 1;
      return given;
    };
    this.#functions = functions(world, draw);
    for (const one of flow.variables as Action[]) {
      const { name, initialValue } = Object.values(one)[0];
      const value = initialValue.noValue === true ? null : this.value(initialValue);
      this.#flowVariables[plain(name as string)] = value;
    }
  }

  run(): Transfer[] {
    this.task(this.flow.startUpRef);
    return this.#transfers;
  }

  private task(reference: string): Taken {
    const id = /^\/inboundCall\/tasks\/task\[(.+)\]$/.exec(reference)?.[1];
    const found = (this.flow.tasks as Action[]).find(({ task }) => task.refId === id);
    if (found === undefined) throw new Error(`no task ${reference}`);
    return this.actions(found['task'].actions);
  }

  private actions(actions: readonly Action[] | undefined): Taken {
    for (const action of actions ?? []) {
      const [kind = '', settings] = Object.entries(action)[0] ?? [];
      if (this.action(kind, settings).done) return DONE;
    }
    return GOES_ON;
  }

  private action(kind: string, settings: Settings): Taken {
    const output = (name: string): Taken => this.actions(settings.outputs?.[name]?.actions);
    switch (kind) {
      case 'dataTableLookup':
        return this.lookup(settings, output);
      case 'decision':
        return output(this.value(settings.condition) === true ? 'yes' : 'no');
      case 'updateData':
        for (const statement of settings.statements as Action[]) {
          const { variable, value } = Object.values(statement)[0];
          this.set(variable, this.value(value));
        }
        return GOES_ON;
      case 'loop':
        return this.loop(settings);
      case 'transferToAcd':
        return this.transfer(settings).done ? DONE : output('failure');
      case 'disconnect':
        return DONE;
      default:
        throw new Error(`unknown action ${kind}`);
    }
  }

  private loop({ loopCount, currentIndex, outputs }: Settings): Taken {
    const rounds = this.value(loopCount) as number;
    if (rounds > MOST_ROUNDS) throw new Error(`a loop of ${rounds} rounds`);
    for (let round = 0; round < rounds; round += 1) {
      this.set(currentIndex.var, round + (this.world.firstIndex ?? 0));
      if (this.actions(outputs.loop.actions).done) return DONE;
    }
    return GOES_ON;
  }

  private lookup(settings: Settings, output: (name: string) => Taken): Taken {
    const [table] = Object.values<Settings>(settings.dataTable);
    const row = this.world.rows[this.value(settings.lookupValue) as string];
    if (row === undefined) return output('notFound');
    for (const [column, target] of Object.entries<Settings>(table.foundOutputs)) {
      if (!(column in row)) throw new Error(`the table has no column ${column}`);
      this.set(target.var, row[column]);
    }
    return output('found');
  }

  private transfer({ targetQueue, acdSkills = [] }: Settings): Taken {
    const queue = targetQueue.lit?.name ?? (this.value(targetQueue) as { queue: string }).queue;
    const skills = (acdSkills as Settings[]).map(({ acdSkill }) => {
      const skill = this.value(acdSkill) as { skill: string } | null;
      if (skill === null) throw new Error('a transfer with a skill that is not set');
      return skill.skill;
    });
    const took = !(this.world.closed ?? []).includes(queue);
    this.#transfers.push({ queue, skills, took });
    return { done: took };
  }

  private set(variable: string, value: unknown): void {
    if (!(plain(variable) in this.#flowVariables)) throw new Error(`no variable ${variable}`);
    this.#flowVariables[plain(variable)] = value;
  }

  private value(setting: Settings): unknown {
    if ('lit' in setting) return setting.lit;
    const values = { ...this.#functions, Flow: this.#flowVariables };
    return formula(setting.exp as string, Object.keys(values))(...Object.values(values));
  }
}

function plain(variable: string): string {
  if (!variable.startsWith('Flow.')) throw new Error(`no variable of the flow: ${variable}`);
  return variable.slice('Flow.'.length);
}

function functions(
  { queues, skills, waits = {} }: World,
  draw: () => number,
): Record<string, unknown> {
  return {
    RandomInt: (from: number, to: number) => {
      const drawn = draw();
      if (drawn < from || drawn > to) throw new Error(`no draw: ${drawn}`);
      return drawn;
    },
    If: (condition: boolean, yes: unknown, no: unknown) => (condition ? yes : no),
    // Architect may take all arguments before it takes a branch: nothing here may fail for that.
    Split: (text: string | null, separator: string) => (text ?? '').split(separator),
    Count: (list: unknown[]) => list.length,
    GetAt: (list: unknown[], index: number) => {
      if (index >= list.length) throw new Error(`nothing at ${index}`);
      return list[index];
    },
    IsNotSetOrEmpty: (text: string | null) => text === null || text === '',
    IsSet: (value: unknown) => value !== null,
    MakeList: (...list: unknown[]) => list,
    MakeDuration: (days: number, hours: number, minutes: number, seconds: number) =>
      ((days * 24 + hours) * 60 + minutes) * 60 + seconds,
    FindQueueEstimatedWaitTime: (name: string) => waits[name] ?? 0,
    FindQueue: (name: string) => (queues.includes(name) ? { queue: name } : null),
    FindSkill: (name: string) => (skills.includes(name) ? { skill: name } : null),
  };
}
