/** `strategos metrics`: what became of the calls of each strategy, target by target. */
import { EXIT, type ExitCode } from '../../core/errors.js';
import { metricsOf, queuesOf, type Figures, type MetricsScene } from '../../core/metrics.js';
import { formerIn, sought } from '../../core/former.js';
import type { Reader } from '../../engine/ports.js';
import {
  metricsHtml,
  metricsJson,
  metricsMarkdown,
  metricsText,
  type MetricsReport,
} from '../../render/metrics.js';
import type { CommonOptions, MetricsOptions } from '../options.js';
import { ours } from '../ours.js';
import { inSession, kindOf, type SessionRequest } from '../session.js';
import { shownAs, type Forms } from '../shown-as.js';
import { refuseSpan, spanOf } from '../span.js';
import type { World } from '../world.js';

const FORMS: Forms<MetricsReport> = {
  text: metricsText,
  json: metricsJson,
  markdown: metricsMarkdown,
  html: metricsHtml,
};

export async function metrics(
  options: CommonOptions & MetricsOptions,
  world: World,
): Promise<ExitCode> {
  // What is refused is refused before anything is asked.
  refuseSpan(options, world.clock.now());
  const request: SessionRequest<Reader> = {
    command: 'metrics',
    environment: options.env,
    plans: true,
    open: (sdk, connection) => sdk.openReader(connection),
  };
  return inSession(request, options, world, async (session) => {
    const { shown, unclear, observation } = await ours(session, {
      ...options,
      declared: true,
      facet: 'traffic',
    });
    const { live, catalog, organization } = observation;
    const former = formerIn(observation.state.records);
    const queueOf: MetricsScene['queueOf'] = ({ address }, queue) =>
      sought('queue', queue, address, catalog, former);
    const mediaType = options.media === 'all' ? null : options.media;
    const targetOf: MetricsScene['targetOf'] = (id) => {
      // A queue promises something for each medium, and nothing for all of them together.
      const promise = mediaType === null ? null : session.client.promise(id, mediaType);
      if (promise === null) return null;
      // 0.57 × 100 is 56.99999999999999.
      const percent = promise.part === null ? null : Number((promise.part * 100).toFixed(6));
      return { percent, withinSeconds: promise.withinMs / 1000 };
    };
    const scene: MetricsScene = { shown, live, catalog, queueOf, kindOf, targetOf };
    const queueIds = queuesOf(scene);
    session.events.emit({ type: 'doing', what: 'asking for the figures' });
    const { fromMs, toMs } = spanOf(options, session.client.nowMs());
    const search = { fromMs, toMs, queueIds, mediaType };
    // A query without a queue would be one of all of them, or none at all.
    const figures = queueIds.length === 0 ? NONE : await session.client.figures(search);
    const report: MetricsReport = {
      environment: session.environment.name,
      organization,
      mediaType,
      from: new Date(fromMs).toISOString(),
      to: new Date(toMs).toISOString(),
      spanMs: toMs - fromMs,
      strategies: metricsOf(scene, figures),
      requests: session.client.requests(),
    };
    world.out(shownAs(FORMS, report, options.format, world.outStyle));
    const whole = report.strategies.every(({ unknown }) => unknown === undefined);
    const exitCode = whole && unclear.size === 0 ? EXIT.done : EXIT.incomplete;
    return { exitCode, state: whole ? 'told' : 'told in part', plan: null, outcomes: [] };
  });
}

const NONE: ReadonlyMap<string, Figures> = new Map();
