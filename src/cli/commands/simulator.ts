/** `strategos simulator`: the embedded Genesys Cloud on this machine, until it is stopped. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { EXIT, InvalidInput, type ExitCode } from '../../core/errors.js';
import type { CheckedSource } from '../../simulator/checked-file.js';
import { DEMO_ORG } from '../../simulator/demo-org.js';
import { createFaults, type FaultSource } from '../../simulator/faults.js';
import { loadFaultsFile } from '../../simulator/faults-file.js';
import { startSimulator } from '../../simulator/http.js';
import { loadOrgFile } from '../../simulator/org-file.js';
import { createOrg } from '../../simulator/org.js';
import { loadProfile } from '../../simulator/profile-file.js';
import type { SimulatorOptions } from '../options.js';
import type { World } from '../world.js';

/** Seeds that are drawn have at most six digits: people type them. */
const MOST_SEEDS = 1_000_000;

export async function simulator(options: SimulatorOptions, world: World): Promise<ExitCode> {
  const { org: orgFile } = options;
  const file =
    orgFile === undefined ? DEMO_ORG : await loadOrgFile(await source(orgFile, 'org', world));
  const faults = await faultsOf(options, world);
  const manners =
    options.profile === undefined
      ? {}
      : await loadProfile(await source(options.profile, 'profile', world));
  const org = createOrg(file, {
    manners,
    ...(options.rateLimit === undefined ? {} : { rateLimitPerMinute: options.rateLimit }),
    ...(options.seed === undefined ? {} : { seed: options.seed }),
  });
  const running = await startSimulator({
    org,
    port: options.port,
    latencyMs: options.latency,
    ...(faults === null ? {} : { faults }),
    log: (line) => world.err(`${line}\n`),
  });
  const client = file.clients?.[0] ?? { id: 'demo', secret: 'demo' };
  world.out(
    [
      `Genesys Cloud simulator at ${running.url}; stop it with Ctrl-C.`,
      'In another terminal:',
      `  export GENESYS_DOMAIN=${running.url}`,
      `  export GENESYS_CLIENT_ID=${client.id} GENESYS_CLIENT_SECRET=${client.secret}`,
      '',
    ].join('\n'),
  );
  await new Promise<void>((resolve) => {
    world.onInterrupt(resolve);
  });
  await running.close();
  return EXIT.done;
}

/** `null` without a faults file. A seed that was not given is drawn, and told. */
async function faultsOf(options: SimulatorOptions, world: World): Promise<FaultSource | null> {
  if (options.faults === undefined) return null;
  const faults = await loadFaultsFile(await source(options.faults, 'faults', world));
  const seed = options.seed ?? Math.floor(world.random.next() * MOST_SEEDS);
  world.out(`Faults from ${options.faults} with --seed ${seed}.\n`);
  return createFaults(faults, seed);
}

async function source(name: string, what: string, world: World): Promise<CheckedSource> {
  try {
    return { path: name, bytes: await readFile(path.resolve(world.cwd, name)) };
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new InvalidInput(`${name}: the ${what} file cannot be read (${reason})`, [], {
      hint: `name a file that is there with --${what}`,
    });
  }
}
