/** What V8's optimizing compiler is told of a run that goes over very many objects. */
import type { SourceFile } from '../core/source.js';

/** Some five hundred manifests. */
const LARGE_BYTES = 256 * 1024;

/**
 * V8 compiles for programs that run for days: it copies into each function what that calls, and
 * does so anew whenever an object of another shape comes along. Of a run of seconds that is a
 * quarter of all processor time. With less copied, a tenth of the run is saved, and no result is
 * another one; what runs for hours has little to do in each of them.
 */
export function compileForSeconds(sources: readonly SourceFile[]): void {
  let bytes = 0;
  for (const source of sources) bytes += source.bytes.length;
  if (bytes < LARGE_BYTES) return;
  // Loaded here, because a short command takes longer to load it than it would gain.
  const v8 = process.getBuiltinModule('node:v8');
  v8.setFlagsFromString('--max-inlined-bytecode-size-cumulative=100');
}
