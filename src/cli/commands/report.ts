/** `strategos report`: what there is to see of an org, as one page that needs nothing else. */
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { EXIT, type ExitCode } from '../../core/errors.js';
import { exitOf } from '../../core/outcome.js';
import { plural } from '../../core/plural.js';
import { visible } from '../../core/visible.js';
import { documentOf } from '../../console/document.js';
import type { Reader } from '../../engine/ports.js';
import { makeFolder } from '../../files/make-folder.js';
import { refuseUnwritable, writeWholeFile } from '../../files/whole-file.js';
import type { CommonOptions, ReportOptions } from '../options.js';
import { pageAsset } from '../page-asset.js';
import { inSession, type SessionRequest } from '../session.js';
import { refuseSpan } from '../span.js';
import { Survey } from '../survey.js';
import type { World } from '../world.js';

const FILE = 'strategos.html';
/** How a page of ours begins, of whichever version. */
const PAGE = /^<!doctype html>[^]*strategos/i;

export async function report(
  options: Omit<CommonOptions, 'format'> & ReportOptions,
  world: World,
): Promise<ExitCode> {
  const file = await fileIn(options.out, world);
  // Where no folder can be made, no file can be written: that is said of the file.
  try {
    makeFolder(path.dirname(file));
  } catch {
    // Said below.
  }
  await refuseUnwritable(file, 'the report', PAGE);
  refuseSpan(options, world.clock.now());
  const request: SessionRequest<Reader> = {
    command: 'report',
    environment: options.env,
    plans: true,
    open: (sdk, connection) => sdk.openReader(connection),
  };
  return inSession(request, { ...options, format: 'text' }, world, async (session) => {
    const { runs, since } = options;
    const survey = new Survey(session, { runs, since, interval: null, patienceMs: null }, world);
    const { view, plan } = await survey.look();
    const text = documentOf(await pageAsset(), JSON.stringify(view), null);
    await writeWholeFile(file, text, 'the report');
    const size = `${Math.ceil(Buffer.byteLength(text) / 1024)} KiB`;
    const requests = plural(session.client.requests(), 'request');
    world.out(`Wrote ${visible(path.relative(world.cwd, file))} (${size}, ${requests}).\n`);
    for (const { what, why } of view.missing) {
      const line = `not in it, ${visible(what)}: ${visible(why)}`;
      world.err(`${world.errStyle.warn('warning')}: ${line}\n`);
    }
    const isWhole = view.missing.length === 0;
    const exitCode = isWhole ? exitOf(plan, EXIT.done) : EXIT.incomplete;
    return { exitCode, state: isWhole ? 'told' : 'told in part', plan: null, outcomes: [] };
  });
}

/** A folder gets a file of our name; whatever does not end like a page is a folder. */
async function fileIn(out: string, { cwd }: World): Promise<string> {
  const full = path.resolve(cwd, out);
  const isFolder = (await stat(full).catch(() => null))?.isDirectory() === true;
  return isFolder || !/\.html?$/i.test(full) ? path.join(full, FILE) : full;
}
