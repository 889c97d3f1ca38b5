/**
 * `strategos console`: the page on loopback, live, until it is stopped. One look at the org serves
 * all who watch, and while nobody does nothing is asked.
 */
import { AppError, EXIT, Interrupted, InvalidInput, type ExitCode } from '../../core/errors.js';
import { visible } from '../../core/visible.js';
import { serve, type Served } from '../../console/server.js';
import { steadyMs, type Reader } from '../../engine/ports.js';
import { stillOf } from '../../view/still.js';
import { loadBundle } from '../bundle.js';
import type { CommonOptions, ConsoleOptions } from '../options.js';
import { pageAsset } from '../page-asset.js';
import type { Progress } from '../progress.js';
import { reasonOf } from '../report.js';
import { inSession, type Ending, type SessionRequest } from '../session.js';
import { SaidAgain } from '../said-again.js';
import { stopOf } from '../stop.js';
import { Survey } from '../survey.js';
import type { World } from '../world.js';

/** A stop, and a first viewer, are noticed this soon. */
const NAP_MS = 500;
const SPAN_MS = 6 * 3_600_000;
/** What is needed is not kept back for longer by what is not. */
const PATIENCE_MS = 10_000;

type Options = Omit<CommonOptions, 'format'> & ConsoleOptions;

export async function serveConsole(options: Options, world: World): Promise<ExitCode> {
  const request: SessionRequest<Reader> = {
    command: 'console',
    environment: options.env,
    plans: true,
    open: (sdk, connection) => sdk.openReader(connection),
    whenStopped: ENDED,
    // It looks again and again: what becomes of a look is told by the page, and once here.
    ...(options.verbose ? {} : { events: SILENCE }),
  };
  const stop = stopOf(world);
  const ignore = stop.onSignal(() => undefined);
  try {
    return await inSession(request, { ...options, format: 'text' }, world, async (session) => {
      const { interval, runs } = options;
      const since = { agoMs: SPAN_MS };
      const survey = new Survey(session, { runs, since, interval, patienceMs: PATIENCE_MS }, world);
      const served = await serve(await pageAsset(), options.port);
      session.atEnd(async () => served.close());
      world.out(`Console at ${served.url}\nThe address is good once; stop it with Ctrl-C.\n`);
      const said = new SaidAgain(world.err, null);
      const manifests = async (): Promise<void> => {
        const read = loadBundle(options, options.env, { ...world, err: said.tell });
        survey.readAgain(await read.finally(() => said.ended()));
      };
      const { stopping } = session;
      const say = (text: string): void => {
        if (!options.quiet) world.err(`${visible(text)}\n`);
      };
      await watch({ survey, served, manifests, say }, { interval, stopping }, world);
      return ENDED;
    });
  } catch (error) {
    // Stopped before its run was open: nothing went wrong.
    if (error instanceof Interrupted) return EXIT.done;
    throw error;
  } finally {
    ignore();
  }
}

const SILENCE: Progress = { emit: () => undefined, end: () => undefined };

const ENDED: Ending = { exitCode: EXIT.done, state: 'stopped', plan: null, outcomes: [] };

interface Watch {
  /** Seconds. */
  readonly interval: number;
  readonly stopping: () => boolean;
}

interface Shown {
  readonly survey: Survey;
  readonly served: Served;
  /** Reads them again: they are edited while somebody watches. */
  readonly manifests: () => Promise<void>;
  readonly say: (text: string) => void;
}

async function watch(shown: Shown, { interval, stopping }: Watch, { clock }: World): Promise<void> {
  // A clock that is set back makes no page older.
  let nextMs = steadyMs(clock);
  // The first look is there when the page is opened.
  let isDue = true;
  let trouble = '';
  while (!stopping()) {
    if (isDue) {
      const error = await look(shown);
      const now = error === null ? '' : troubleOf(error);
      if (now !== trouble) shown.say(error === null ? AGAIN : failureText(error));
      trouble = now;
      nextMs = steadyMs(clock) + interval * 1000;
    }
    await clock.sleep(NAP_MS);
    isDue = shown.served.viewers() > 0 && steadyMs(clock) >= nextMs;
  }
}

const AGAIN = 'the org is being looked at again';

/** A word where that changes, and not one a look; of two failures each has an id of its own. */
function troubleOf(error: AppError): string {
  return error instanceof InvalidInput ? reasonOf(error) : error.code;
}

/** An org is not to blame for what is wrong with a manifest. */
export function failureText(error: AppError): string {
  const what = error.source === 'platform' ? 'a look at the org failed' : 'nobody can look';
  return `${what}: ${reasonOf(error)}`;
}

/** An org that does not answer, or a manifest that is wrong, leaves what was seen last: why. */
async function look({ survey, served, manifests }: Shown): Promise<AppError | null> {
  try {
    await manifests();
    const { view } = await survey.look();
    served.show(JSON.stringify(view), stillOf(view));
    return null;
  } catch (error) {
    if (!(error instanceof AppError) || error instanceof Interrupted) throw error;
    served.fail(reasonOf(error));
    return error;
  }
}
