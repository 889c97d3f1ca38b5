/** Live objects as manifests, one file an object: the texts that an export makes of them. */
import type { JsonObject } from '../../src/core/json.js';
import type { Live } from '../../src/core/types.js';
import { documentText, fileName, sayAll, type Odd } from '../../src/manifest/write.js';

export interface WrittenManifest {
  /** Ends in `.yaml`; unique among those written together, also where case does not count. */
  readonly file: string;
  /** What the text was made of. */
  readonly body: JsonObject;
  readonly text: string;
}

export interface Written {
  readonly manifests: readonly WrittenManifest[];
  readonly odd: readonly Odd[];
}

/** In the order of their names. */
export function writeManifests(live: readonly Live[], backend: string): Written {
  const { said, odd } = sayAll(live, backend);
  const taken = new Set<string>();
  const manifests = said.map(({ live: { name }, body }): WrittenManifest => ({
    file: fileName(name, taken),
    body,
    text: documentText(body),
  }));
  return { manifests, odd };
}
