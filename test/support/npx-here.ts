/**
 * `npx --no -- strategos …` for the scripts of workflows: a command on their path that has its
 * arguments, folder and environment carried out in the process of the test. A job of GitHub is a
 * dozen of them, and a process of its own for each would prove nothing more.
 */
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import path from 'node:path';
import { summary } from '@actions/core';
import type { Clock } from '../../src/engine/ports.js';
import { strategosHere, type Around, type Ended } from './here.js';

interface Asked {
  readonly cwd: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

export class NpxHere {
  private server: Server | null = null;

  /** `folder` is where the command will be; the scripts need it on their path. */
  constructor(
    readonly folder: string,
    private readonly clock: Clock,
  ) {}

  /** Puts the command into its folder, and listens to it. */
  async open(): Promise<void> {
    if (this.server !== null) return;
    const server = createServer((socket) => this.answer(socket));
    this.server = server;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    mkdirSync(this.folder, { recursive: true });
    const file = path.join(this.folder, 'npx');
    const { port } = server.address() as AddressInfo;
    writeFileSync(file, scriptFor(port, path.join(this.folder, 'ended')));
    chmodSync(file, 0o755);
  }

  close(): void {
    this.server?.close();
  }

  private answer(socket: Socket): void {
    let text = '';
    socket.setEncoding('utf8').on('data', (part: string) => {
      text += part;
      if (text.endsWith('\0\x01')) void this.carryOut(asked(text.slice(0, -2)), socket);
    });
  }

  private async carryOut(what: Asked, socket: Socket): Promise<void> {
    const { code, stdout, stderr } = await onRunner(what.args, { ...what, clock: this.clock });
    writeFileSync(path.join(this.folder, 'ended.out'), stdout);
    writeFileSync(path.join(this.folder, 'ended.err'), stderr);
    socket.end(`${code ?? 1}\n`);
  }
}

/** Bash itself opens the connection: nothing has to start. */
function scriptFor(port: number, ended: string): string {
  return [
    '#!/usr/bin/env bash',
    '[ "$1 $2 $3" = "--no -- strategos" ] || exit 99',
    'shift 3',
    `exec 3<>/dev/tcp/127.0.0.1/${port}`,
    `{ printf '%s\\0' "$PWD" "$#" "$@"; env -0; printf '\\1'; } >&3`,
    'read -r code <&3',
    `cat '${ended}.out'`,
    `cat '${ended}.err' >&2`,
    'exit "$code"\n',
  ].join('\n');
}

/** Folder, number of arguments, arguments, variables, each with its end, and a mark after the last. */
function asked(text: string): Asked {
  const [cwd = '', count = '0', ...rest] = text.split('\0');
  const args = rest.slice(0, Number(count));
  const env = rest.slice(Number(count)).map((one): [string, string] => {
    const at = one.indexOf('=');
    return [one.slice(0, at), one.slice(at + 1)];
  });
  return { cwd, args, env: Object.fromEntries(env) };
}

/**
 * What @actions/core reads and writes is the process itself: for the time of one command its
 * variables are those of the step, and its standard output is that of the command.
 */
export async function onRunner(args: readonly string[], around: Around): Promise<Ended> {
  const before = { ...process.env };
  const write = process.stdout.write.bind(process.stdout);
  let annotations = '';
  for (const name of ['GITHUB_OUTPUT', 'GITHUB_STEP_SUMMARY'])
    process.env[name] = around.env[name] ?? '';
  process.stdout.write = (text: string | Uint8Array) => {
    annotations += text.toString();
    return true;
  };
  try {
    const ended = await strategosHere(args, around);
    return { ...ended, stdout: annotations + ended.stdout };
  } finally {
    process.stdout.write = write;
    for (const name of ['GITHUB_OUTPUT', 'GITHUB_STEP_SUMMARY']) {
      if (before[name] === undefined) Reflect.deleteProperty(process.env, name);
      else process.env[name] = before[name];
    }
    // Its one summary keeps the file of the first step that wrote.
    Reflect.set(summary, '_filePath', undefined);
  }
}
