/** `strategos metrics --predictions`: what was predicted, and what happened. */
import path from 'node:path';
import { EXIT, type ExitCode } from '../../core/errors.js';
import { backtestOf } from '../../engine/backtest.js';
import type { Reader } from '../../engine/ports.js';
import { sha256 } from '../../files/digest.js';
import {
  backtestHtml,
  backtestJson,
  backtestMarkdown,
  backtestText,
  type BacktestReport,
} from '../../render/backtest.js';
import { keptPredictions } from '../kept-predictions.js';
import type { CommonOptions, MetricsOptions } from '../options.js';
import { ours } from '../ours.js';
import { bindingOf, inSession, kindOf, type SessionRequest } from '../session.js';
import { shownAs, type Forms } from '../shown-as.js';
import type { World } from '../world.js';

const FORMS: Forms<BacktestReport> = {
  text: backtestText,
  json: backtestJson,
  markdown: backtestMarkdown,
  html: backtestHtml,
};

export async function metricsPredictions(
  options: CommonOptions & Pick<MetricsOptions, 'target'>,
  world: World,
): Promise<ExitCode> {
  const request: SessionRequest<Reader> = {
    command: 'metrics',
    environment: options.env,
    plans: true,
    open: (sdk, connection) => sdk.openReader(connection),
  };
  return inSession(request, options, world, async (session) => {
    const { environment, client, events } = session;
    const found = await ours(session, { ...options, declared: true });
    const { observation, unclear } = found;
    const { organization } = observation;
    const runsDir = path.resolve(world.cwd, options.runs);
    const { kept, broken } = await keptPredictions(runsDir, environment.name, organization.id);
    const shown = found.shown.filter(({ kind }) => kindOf(kind).traffic !== undefined);
    const names = new Set<string>(shown.map(({ address }) => address));
    const own = kept.filter(({ predicted }) => names.has(predicted.address));
    events.emit({ type: 'doing', what: 'asking what happened, and playing past hours' });
    const ports = { reader: client, hash: sha256 };
    const binding = bindingOf(session);
    const backtest = await backtestOf(ports, own, observation, { binding, shown });
    const report: BacktestReport = {
      environment: environment.name,
      organization,
      widen: environment.prediction.widen,
      ...backtest,
      broken,
      requests: client.requests(),
    };
    world.out(shownAs(FORMS, report, options.format, world.outStyle));
    const exitCode = unclear.size + broken.length === 0 ? EXIT.done : EXIT.incomplete;
    return { exitCode, state: 'told', plan: null, outcomes: [] };
  });
}
