/** `strategos predict`: what callers will meet, and what if; nothing is changed. */
import { EXIT, WrongUsage, type ExitCode } from '../../core/errors.js';
import { nearest } from '../../core/nearest.js';
import { shownName, type Catalog } from '../../core/catalog.js';
import { forecastOf } from '../../engine/forecast.js';
import type { Reader } from '../../engine/ports.js';
import { sha256 } from '../../files/digest.js';
import {
  forecastHtml,
  forecastJson,
  forecastMarkdown,
  forecastText,
  type ForecastReport,
} from '../../render/forecast.js';
import type { CommonOptions, ForecastOptions } from '../options.js';
import { ours, type Ours } from '../ours.js';
import { bindingOf, inSession, kindOf, type SessionRequest } from '../session.js';
import { shownAs, type Forms } from '../shown-as.js';
import type { World } from '../world.js';

const FORMS: Forms<ForecastReport> = {
  text: forecastText,
  json: forecastJson,
  markdown: forecastMarkdown,
  html: forecastHtml,
};

export async function predict(
  options: CommonOptions & ForecastOptions,
  world: World,
): Promise<ExitCode> {
  const request: SessionRequest<Reader> = {
    command: 'predict',
    environment: options.env,
    plans: true,
    open: (sdk, connection) => sdk.openReader(connection),
  };
  return inSession(request, options, world, async (session) => {
    const found = await ours(session, { ...options, declared: true, facet: 'traffic' });
    const { shown, observation, unclear } = found;
    const { catalog, organization } = observation;
    const { agents = [], rate = [] } = options;
    const idOf = queueIn(found);
    const wishes = agents.map(({ queue, ...one }) => ({ ...one, queueId: idOf(queue) }));
    const calls = new Map(rate.map(({ queue, factor }) => [idOf(queue), factor]));
    session.events.emit({ type: 'doing', what: 'asking for the figures' });
    const { client } = session;
    const { widen } = session.environment.prediction;
    const asked = { shown, agents: wishes, calls, widen };
    const ports = { reader: client, hash: sha256 };
    const told = await forecastOf(ports, observation, bindingOf(session), asked);
    const nameOf = (id: string): string => shownName(catalog, 'queue', id);
    const report: ForecastReport = {
      environment: session.environment.name,
      organization,
      whatIf: {
        agents: told.agents.map(({ queueId, ...one }) => ({ queue: nameOf(queueId), ...one })),
        calls: [...calls].map(([id, factor]) => ({ queue: nameOf(id), factor })),
      },
      prediction: told.prediction,
      unshared: told.unshared,
      requests: client.requests(),
    };
    world.out(shownAs(FORMS, report, options.format, world.outStyle));
    const exitCode = unclear.size === 0 ? EXIT.done : EXIT.incomplete;
    return { exitCode, state: 'told', plan: null, outcomes: [] };
  });
}

/** By name or id, among the queues of the strategies that are shown. */
function queueIn({ shown, observation: { catalog } }: Ours): (written: string) => string {
  const ids = queueIdsOf(shown, catalog);
  const named = ids.map((id) => ({ id, name: catalog.nameOf('queue', id) }));
  return (written) => {
    if (ids.includes(written)) return written;
    const found = named.filter(({ name }) => name === written);
    const [one] = found;
    if (one !== undefined && found.length === 1) return one.id;
    if (found.length > 1) {
      throw new WrongUsage(`${found.length} queues are called "${written}"`, {
        hint: `name one by its id: ${found.map(({ id }) => id).join(', ')}`,
      });
    }
    const like = nearest(written, new Set(named.map(({ name }) => name)));
    throw new WrongUsage(`no strategy that is shown sends calls to a queue "${written}"`, {
      hint:
        like === undefined ? 'metrics lists the queues of strategies' : `did you mean "${like}"?`,
    });
  };
}

function queueIdsOf(shown: Ours['shown'], catalog: Catalog): string[] {
  const ids = shown.flatMap(({ kind, fields }) =>
    (kindOf(kind).traffic?.destinations(fields) ?? []).flatMap(({ queue }) => {
      const resolution = catalog.resolve('queue', queue);
      return resolution.found ? [resolution.id] : [];
    }),
  );
  return [...new Set(ids)];
}
