/**
 * What the command line asks of an org, held against the permissions that `init` tells people to
 * give: every place of every test looks at what its own org was asked, so that a command that needs
 * one more is found by the test that runs it, whichever that is.
 */
import { NEEDS } from '../../src/doctor/needs.js';
import type { SimRequest } from '../../src/simulator/org.js';
import { findRoute } from '../../src/simulator/routes.js';

/** Those that are told first: whoever follows the list has these and no others. */
const TOLD: ReadonlySet<string> = new Set(NEEDS.map(({ anyOf: [first] }) => first));

export class Asked {
  private readonly unnamed = new Set<string>();

  /** Only what comes from the command line: a test asks as well, as people do. */
  note({ method, path, headers }: SimRequest): void {
    if (!(headers['user-agent'] ?? '').startsWith('strategos/')) return;
    const [pattern, anyOf] = routeOf(method, path);
    if (anyOf.length === 0 || anyOf.some((one) => TOLD.has(one))) return;
    this.unnamed.add(`${method} ${pattern} needs one of ${anyOf.join(', ')}`);
  }

  /** Throws where something was asked that no permission of `src/doctor/needs.ts` is enough for. */
  verify(): void {
    if (this.unnamed.size === 0) return;
    throw new Error(`not in src/doctor/needs.ts: ${[...this.unnamed].sort().join('; ')}`);
  }
}

/** What nobody answers needs no permission. */
function routeOf(method: string, path: string): readonly [string, readonly string[]] {
  try {
    const [{ pattern, anyOf }] = findRoute(method, path.split('?')[0] ?? '');
    return [pattern, anyOf];
  } catch {
    return ['', []];
  }
}
