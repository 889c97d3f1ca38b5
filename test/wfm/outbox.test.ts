/** The outbox: order, no loss, nothing twice in one turn, also when a process was killed. */
import {
  mkdir,
  mkdtemp,
  open,
  readdir,
  rm,
  stat,
  symlink,
  writeFile,
  type FileHandle,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { outboxOf } from '../../src/cli/wfm-endpoint.js';
import type { Environment } from '../../src/manifest/settings.js';
import type { Message } from '../../src/wfm/message.js';
import { syncFolder } from '../../src/files/folder-sync.js';
import { Outbox } from '../../src/wfm/outbox.js';
import { takeTurn } from '../../src/wfm/turn.js';
import { VirtualClock } from '../support/org.js';
import { GONE } from '../support/gone.js';

let dir: string;
let outbox: Outbox;

beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'strategos-outbox-'));
  outbox = new Outbox(path.join(dir, 'outbox', 'prod'), syncFolder);
});
afterEach(() => rm(dir, GONE));

async function handles(): Promise<FileHandle> {
  const handle = await open(dir);
  await handle.close();
  return Object.getPrototypeOf(handle) as FileHandle;
}

const message = (id: string): Message => ({
  id,
  address: 'RoutingStrategy/a',
  run: 'r',
  queuedAt: '2026-03-02T09:00:00.000Z',
  body: '{"name":"ü \\"quoted\\""}',
});

async function waiting(): Promise<string[]> {
  const all = await Promise.all((await outbox.turns()).map((turn) => outbox.read(turn)));
  return all.map((one) => one?.id ?? 'gone');
}

describe('the folder of an outbox', () => {
  const placeOf = (name: string): string => {
    const environment = { name } as Environment;
    const { dir: own } = outboxOf(environment, { name: 'acme//x', environment: name }, dir);
    return path.relative(dir, own);
  };

  it.each(['.', '..', '../..', 'ü'.repeat(256), 'x'.repeat(256), 'a/b', 'prod'])(
    'of the environment %s is one of its own, that a disk takes',
    async (name) => {
      const [outboxes, folder = '', own = '', ...rest] = placeOf(name).split(path.sep);
      expect([outboxes, rest]).toEqual(['outbox', []]);
      await mkdir(path.join(dir, 'outbox', folder, own), { recursive: true });
      expect(await readdir(path.join(dir, 'outbox'))).toEqual([folder]);
    },
  );

  it('of two environments is never the same', () => {
    const names = ['.', '..', '-', 'x'.repeat(255), 'x'.repeat(256), 'y'.repeat(256)];
    expect(new Set(names.map(placeOf)).size).toBe(names.length);
  });
});

describe('the outbox', () => {
  it('is empty before anything was queued, and no folder is needed for that', async () => {
    expect(await outbox.turns()).toEqual([]);
    await outbox.add([]);
    expect(await readdir(dir)).toEqual([]);
  });

  it.skipIf(process.platform === 'win32')(
    'is for its owner alone, whatever the umask',
    async () => {
      const umask = process.umask(0);
      try {
        await outbox.add([message('a')]);
        const taken = await takeTurn(outbox.dir, 'here', new VirtualClock());
        const [turn = ''] = await outbox.turns();
        const places = [outbox.dir, path.dirname(outbox.dir)];
        const files = [turn, 'delivering.json'].map((name) => path.join(outbox.dir, name));
        const modes = await Promise.all(
          [...places, ...files].map(async (one) => (await stat(one)).mode),
        );
        expect(modes.map((mode) => (mode & 0o777).toString(8))).toEqual([
          '700',
          '700',
          '600',
          '600',
        ]);
        expect(taken).toHaveProperty('turn');
      } finally {
        process.umask(umask);
      }
    },
  );

  it('gives back what was queued, byte for byte, in the order of queueing', async () => {
    await outbox.add(['z', 'a'].map(message));
    await outbox.add(['m'].map(message));
    expect(await waiting()).toEqual(['z', 'a', 'm']);
    const [first = ''] = await outbox.turns();
    expect(await outbox.read(first)).toMatchObject(message('z'));
  });

  it('keeps the order of more than ten, whatever their ids', async () => {
    const ids = Array.from({ length: 25 }, (_, index) => `id-${25 - index}`);
    await outbox.add(ids.map(message));
    expect(await waiting()).toEqual(ids);
  });

  it('queues behind what waits, also after the head has been delivered', async () => {
    await outbox.add(['a', 'b'].map(message));
    await outbox.remove((await outbox.turns())[0] ?? '');
    await outbox.add([message('c')]);
    expect(await waiting()).toEqual(['b', 'c']);
  });

  it('gives every message a turn of its own when many queue at once', async () => {
    const ids = Array.from({ length: 20 }, (_, index) => `m${index}`);
    await Promise.all(ids.map((id) => outbox.add([message(id)])));
    expect((await waiting()).sort()).toEqual([...ids].sort());
  });

  it.each(['writeFile', 'sync'] as const)(
    'on a disk that takes no more (%s) keeps no half of a message, and says what to do',
    async (name) => {
      await outbox.add([message('a')]);
      const full = Object.assign(new Error('ENOSPC: no'), { code: 'ENOSPC' });
      vi.spyOn(await handles(), name).mockRejectedValue(full);
      const adding = outbox.add([message('b')]);
      await expect(adding).rejects.toMatchObject({ code: 'outbox-unusable' });
      vi.restoreAllMocks();
      expect(await readdir(outbox.dir)).toEqual(['000000000001.json']);
      await outbox.add([message('c')]);
      expect(await waiting()).toEqual(['a', 'c']);
    },
  );

  it('on a disk that takes no more gives nobody the turn, and keeps nobody from it', async () => {
    await outbox.add([message('a')]);
    const full = Object.assign(new Error('ENOSPC: no'), { code: 'ENOSPC' });
    vi.spyOn(await handles(), 'writeFile').mockRejectedValue(full);
    const taking = takeTurn(outbox.dir, 'here', new VirtualClock());
    await expect(taking).rejects.toMatchObject({ code: 'outbox-unusable', exitCode: 1 });
    vi.restoreAllMocks();
    expect(await takeTurn(outbox.dir, 'here', new VirtualClock())).toHaveProperty('turn');
  });

  it('does not take for a message what a killed process left half', async () => {
    await outbox.add([message('a')]);
    await writeFile(path.join(outbox.dir, '.b.tmp'), '{"format":1,"id":"b');
    expect(await waiting()).toEqual(['a']);
    await outbox.add([message('b')]);
    expect(await waiting()).toEqual(['a', 'b']);
  });

  it('names a file that somebody has changed, and what to do', async () => {
    await outbox.add([message('a')]);
    const [turn = ''] = await outbox.turns();
    await writeFile(path.join(outbox.dir, turn), '{"id": 7}');
    await expect(outbox.read(turn)).rejects.toMatchObject({
      code: 'outbox-unreadable',
      message: expect.stringContaining(turn) as string,
    });
  });

  it('does not mind that another process was first to remove or send', async () => {
    await outbox.add([message('a')]);
    const [turn = ''] = await outbox.turns();
    await outbox.remove(turn);
    await outbox.remove(turn);
    expect(await outbox.read(turn)).toBeNull();
  });

  it('says so where the disk does not take anything', async () => {
    await writeFile(path.join(dir, 'file'), '');
    await symlink(path.join(dir, 'file'), path.join(dir, 'outbox'));
    await expect(outbox.add([message('a')])).rejects.toMatchObject({ code: 'outbox-unusable' });
  });
});
