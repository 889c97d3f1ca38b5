/** `strategos simulator`: the embedded Genesys Cloud on this machine, until it is stopped. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { EXIT, InvalidInput, type ExitCode } from '../../core/errors.js';
import { DEMO_ORG } from '../../simulator/demo-org.js';
import { startSimulator } from '../../simulator/http.js';
import { loadOrgFile } from '../../simulator/org-file.js';
import type { OrgFile } from '../../simulator/org-file-types.js';
import { createOrg } from '../../simulator/org.js';
import type { SimulatorOptions } from '../options.js';
import type { World } from '../world.js';

export async function simulator(options: SimulatorOptions, world: World): Promise<ExitCode> {
  const file = options.org === undefined ? DEMO_ORG : await orgFile(options.org, world);
  const org = createOrg(file, { rateLimitPerMinute: options.rateLimit });
  const running = await startSimulator({
    ...{ org, port: options.port, latencyMs: options.latency },
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

async function orgFile(name: string, world: World): Promise<OrgFile> {
  try {
    const text = await readFile(path.resolve(world.cwd, name), 'utf8');
    return await loadOrgFile({ path: name, text });
  } catch (error) {
    if (error instanceof InvalidInput) throw error;
    const reason = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new InvalidInput(`${name}: the org file cannot be read (${reason})`);
  }
}
