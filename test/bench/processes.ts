/** Whole processes of the built command line, started again and again; and a simulated org for them. */
import { spawn, spawnSync, type StdioOptions } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
export const PARSE_ONLY = fileURLToPath(new URL('parse-only.mjs', import.meta.url));
export const READ_ONLY = fileURLToPath(new URL('read-only.mjs', import.meta.url));
const RESOURCES = fileURLToPath(new URL('resources.mjs', import.meta.url));

/** Where a process runs, and the org that it finds. */
export interface Place {
  readonly cwd: string;
  /** Of the simulated org. */
  readonly url?: string;
}

/** Milliseconds. */
export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

export interface Weighed {
  readonly wall: Spread;
  /** User and system time of the process, all of its threads. */
  readonly cpu: Spread;
  /** The largest of all runs. */
  readonly peakMb: number;
}

/** Each command `runs` times in turn, after one that warms up, so that all meet the same machine. */
export function walls(
  commands: readonly (readonly string[])[],
  runs: number,
  place: Place,
): Spread[] {
  const taken = commands.map((): number[] => []);
  for (let run = 0; run <= runs; run += 1) {
    commands.forEach((args, index) => {
      const { wallMs } = start(args, place, ['ignore', 'ignore', 'pipe']);
      if (run > 0) taken[index]?.push(wallMs);
    });
  }
  return taken.map(spreadOf);
}

/** As `walls`, with what the processes took of processor and memory. */
export function weighed(
  commands: readonly (readonly string[])[],
  runs: number,
  place: Place,
): Weighed[] {
  const taken = commands.map((): { wallMs: number; cpuMs: number; peakMb: number }[] => []);
  for (let run = 0; run <= runs; run += 1) {
    commands.forEach((args, index) => {
      const stdio: StdioOptions = ['ignore', 'ignore', 'pipe', 'pipe'];
      const { wallMs, told } = start(['--import', RESOURCES, ...args], place, stdio);
      const { cpuUs, maxRssKib } = JSON.parse(told) as { cpuUs: number; maxRssKib: number };
      const one = { wallMs, cpuMs: cpuUs / 1000, peakMb: maxRssKib / 1024 };
      if (run > 0 || runs === 0) taken[index]?.push(one);
    });
  }
  return taken.map((of) => ({
    wall: spreadOf(of.map(({ wallMs }) => wallMs)),
    cpu: spreadOf(of.map(({ cpuMs }) => cpuMs)),
    peakMb: Math.max(...of.map(({ peakMb }) => peakMb)),
  }));
}

function start(
  args: readonly string[],
  place: Place,
  stdio: StdioOptions,
): { readonly wallMs: number; readonly told: string } {
  const started = process.hrtime.bigint();
  const { status, signal, error, stderr, output } = spawnSync(process.execPath, args, {
    cwd: place.cwd,
    env: environment(place),
    stdio,
  });
  const wallMs = Number(process.hrtime.bigint() - started) / 1e6;
  if (status !== 0) {
    const how = status ?? signal ?? 'nothing';
    const why = error?.message ?? String(stderr);
    throw new Error(`${args.join(' ')} ended with ${how}: ${why}`);
  }
  return { wallMs, told: String(output[3] ?? '') };
}

function environment({ cwd, url }: Place): Record<string, string> {
  const client = { GENESYS_CLIENT_ID: 'demo', GENESYS_CLIENT_SECRET: 'demo' };
  return {
    PATH: process.env['PATH'] ?? '',
    HOME: cwd,
    USER: 'bench',
    ...(url === undefined ? {} : { ...client, GENESYS_DOMAIN: url }),
  };
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (place: number): number => sorted[place] ?? NaN;
  return {
    median: at(Math.floor((sorted.length - 1) / 2)),
    least: at(0),
    most: at(sorted.length - 1),
  };
}

/** A simulator in a process of its own, so that its work is not counted as ours. */
export async function simulated<T>(
  orgFile: string,
  cwd: string,
  work: (url: string) => Promise<T>,
): Promise<T> {
  const args = [MAIN, 'simulator', '--org', orgFile, '--rate-limit', '0'];
  const child = spawn(process.execPath, args, { cwd, stdio: ['ignore', 'pipe', 'ignore'] });
  const ended = new Promise((resolve) => child.on('close', resolve));
  try {
    const url = await new Promise<string>((resolve, reject) => {
      let said = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        const found = /GENESYS_DOMAIN=(\S+)/.exec((said += text))?.[1];
        if (found !== undefined) resolve(found);
      });
      child.on('close', () => reject(new Error(`the simulator ended: ${said}`)));
    });
    return await work(url);
  } finally {
    child.kill();
    await ended;
  }
}

/** Runs a command once and keeps the body of every answer that it got, one file each. */
export async function answersTo(
  args: readonly string[],
  { cwd, url }: Required<Place>,
  folder: string,
): Promise<void> {
  mkdirSync(folder, { recursive: true });
  let answers = 0;
  const server = createServer((request, response) => {
    const forward = async (): Promise<void> => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const { authorization = '', 'content-type': type = 'application/json' } = request.headers;
      const answer = await fetch(`${url}${request.url ?? ''}`, {
        method: request.method ?? 'GET',
        headers: { authorization, 'content-type': type },
        ...(chunks.length === 0 ? {} : { body: Buffer.concat(chunks) }),
      });
      const text = await answer.text();
      answers += 1;
      if (text !== '') writeFileSync(path.join(folder, `${answers}.json`), text);
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(text);
    };
    forward().catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const place = { cwd, url: `http://127.0.0.1:${port}` };
  const child = spawn(process.execPath, args, { cwd, env: environment(place), stdio: 'ignore' });
  const code = await new Promise((resolve) => child.on('close', resolve));
  server.close();
  server.closeAllConnections();
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${String(code)}`);
}
