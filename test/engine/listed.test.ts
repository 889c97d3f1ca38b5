/** A listing that contradicts the records is not believed before some of it was looked for. */
import { describe, expect, it } from 'vitest';
import { AppError } from '../../src/core/errors.js';
import type { Exchange } from '../../src/genesys/transport.js';
import { bench, type Bench } from '../support/org.js';
import { own } from '../support/owned.js';
import { live, manifest, ORG, plan } from '../support/reconcile.js';
import { applyRows, planRows, tableIn } from '../support/rows.js';

const NAMES = ['a', 'b', 'c', 'd'];
const FILES = Object.fromEntries(NAMES.map((name) => [`${name}.yaml`, manifest(name, 'Alpha')]));

type Backend = 'rows' | 'endpoint';

async function opened(backend: Backend): Promise<Bench> {
  if (backend === 'rows') {
    const on = bench(ORG);
    await applyRows(on, FILES);
    await on.clock.sleep(180_000);
    return on;
  }
  const on = bench({ ...ORG, strategies: NAMES.map((name) => live(name, 'Alpha')) });
  own(on.org);
  return on;
}

/** The platform shows the first `shown` of its objects, and says that there are no more. */
function shortened(on: Bench, backend: Backend, shown: number): Exchange {
  const id = backend === 'rows' ? tableIn(on.org, 'Routing Strategies').id : '';
  const listing = backend === 'rows' ? `/datatables/${id}/rows?` : '/routing/strategies?';
  return async (request) => {
    const answer = await on.exchange(request);
    if (!request.url.includes(listing)) return answer;
    const body = JSON.parse(answer.body) as { entities: unknown[]; total: number };
    const entities = body.entities.slice(0, shown);
    return { ...answer, body: JSON.stringify({ ...body, entities, total: entities.length }) };
  };
}

async function planned(on: Bench, backend: Backend, files: typeof FILES, exchange?: Exchange) {
  const options = exchange === undefined ? {} : { exchange };
  return backend === 'rows'
    ? planRows(on, files, options)
    : plan(on, files, { ...options, owned: false });
}

describe.each<Backend>(['rows', 'endpoint'])('%s: a listing', (backend) => {
  it.each([0, 1])('that shows %d of four objects on record is an error', async (shown) => {
    const on = await opened(backend);
    const error: unknown = await planned(on, backend, FILES, shortened(on, backend, shown)).catch(
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(AppError);
    expect(error).toMatchObject({ code: 'incomplete-listing', exitCode: 7 });
    expect((error as AppError).message).toMatch(
      new RegExp(`lists ${shown} of 4 objects on record, and RoutingStrategy/\\w, .* is there`),
    );
  });

  it('is an error also where no manifest asks for what it lacks', async () => {
    const on = await opened(backend);
    const attempt = planned(on, backend, {}, shortened(on, backend, 0));
    await expect(attempt).rejects.toMatchObject({ code: 'incomplete-listing' });
  });

  it('is believed where what it lacks is gone', async () => {
    const on = await opened(backend);
    on.org.strategies.clear();
    if (backend === 'rows') tableIn(on.org, 'Routing Strategies').rows.clear();
    const { plan: made } = await planned(on, backend, FILES);
    expect(made.counts).toMatchObject({ create: 4 });
  });

  it('is not asked about where most of it is there', async () => {
    const on = await opened(backend);
    const { plan: made } = await planned(on, backend, FILES, shortened(on, backend, 2));
    expect(made.counts).toMatchObject({ create: 2, delete: 0 });
  });
});
