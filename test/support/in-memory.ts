/**
 * Before all tests: temporary folders lie in memory, where this machine has room for that. Most
 * end-to-end tests write many small files and wait for a disk that they do not need.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const MEMORY = '/dev/shm';
/** Above all for packages that are installed. */
const ROOM_BYTES = 4 * 2 ** 30;

export default function setup(): (() => void) | undefined {
  const dir = roomInMemory();
  if (dir === null) return undefined;
  const before = process.env['TMPDIR'];
  // Whatever processes there will be take it from here.
  process.env['TMPDIR'] = dir;
  return () => {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
    rmSync(dir, { recursive: true, force: true });
  };
}

/** A folder in which files can be run, which containers do not always allow; null is none. */
function roomInMemory(): string | null {
  let dir: string | null = null;
  try {
    const { bavail, bsize } = statfsSync(MEMORY);
    if (bavail * bsize < ROOM_BYTES) return null;
    dir = mkdtempSync(path.join(MEMORY, 'strategos-'));
    const script = path.join(dir, 'runs');
    writeFileSync(script, '#!/bin/sh\n', { mode: 0o700 });
    execFileSync(script);
    rmSync(script);
    return dir;
  } catch {
    if (dir !== null) rmSync(dir, { recursive: true, force: true });
    return null;
  }
}
