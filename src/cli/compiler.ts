/** What V8's optimizing compiler is told of a run that goes over very many objects. */
import type { SourceFile } from '../core/source.js';

/** Some five hundred manifests, and what they have on disk. */
const MANY = 500;
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
  // 100 bytes of bytecode; V8's own limit is 920.
  if (bytes >= LARGE_BYTES) tell('--max-inlined-bytecode-size-cumulative=100');
}

/**
 * Planning goes over each object a few times, in many functions, and most of these have ended
 * before their compiled form would have paid. Begun twelve times as late, compiling takes half of
 * what it took. Parsing goes over every character and is better compiled at once, so this is told
 * once it is done. `count`: of manifests.
 */
export function compileLater(count: number): void {
  // Bytes of bytecode that a function has gone through; V8's own limit is 67,584.
  if (count >= MANY) tell('--interrupt-budget=800000');
}

function tell(flag: string): void {
  // Loaded here, because a short command takes longer to load it than it would gain.
  process.getBuiltinModule('node:v8').setFlagsFromString(flag);
}
