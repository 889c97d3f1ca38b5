/** Where something went wrong, in the files that a maintainer edits: what runs is one file. */
import { readFileSync } from 'node:fs';
import module from 'node:module';
import path from 'node:path';

/** A place in the bundle: `/…/dist/cli/strategos-0123456789abcdef.js:12:345`. */
const PLACE = /(\/[^\s()]*\/strategos-[0-9a-f]{16}\.js):(\d+):(\d+)/g;

/** As it is where there is no map: a stack that is hard to read is better than none. */
export function readableStack(stack: string): string {
  const maps = new Map<string, module.SourceMap | null>();
  return stack.replace(PLACE, (place, file: string, line: string, column: string) => {
    const map = maps.get(file) ?? mapOf(file);
    maps.set(file, map);
    const found = map?.findEntry(Number(line) - 1, Number(column) - 1);
    if (found === undefined || !('originalSource' in found) || found.originalSource === '') {
      return place;
    }
    const source = path.join(path.dirname(file), found.originalSource);
    return `${source}:${found.originalLine + 1}:${found.originalColumn + 1}`;
  });
}

function mapOf(file: string): module.SourceMap | null {
  try {
    const map = JSON.parse(readFileSync(`${file}.map`, 'utf8')) as module.SourceMapPayload;
    return new module.SourceMap(map);
  } catch {
    return null;
  }
}
