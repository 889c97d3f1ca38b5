/** What was found and judged → the plan, sealed. */
import { addressOf, type Verdict } from '../core/compare.js';
import { consumersGuard } from '../core/consumers.js';
import { danglingIn } from '../core/dangling.js';
import type { Deserted } from '../core/deserted.js';
import { observedDigest } from '../core/digests.js';
import {
  guard,
  partGuard,
  partTalliesOf,
  ownershipGuard,
  talliesOf,
  type OwnershipConflicts,
} from '../core/guard.js';
import type { KindOf } from '../core/kind.js';
import { asksForAdoption } from '../core/manifest.js';
import { kindName } from '../core/outcome.js';
import type { Us } from '../core/owner.js';
import { ownershipOf } from '../core/ownership.js';
import { formerIn } from '../core/former.js';
import { blockedIn, countsOf, referencesOf, sealed } from '../core/plan.js';
import type { Part } from '../core/resource.js';
import { objectsFilled, recordsFilled, roomGuard, rowsFilled, type Filled } from '../core/room.js';
import { runningGuard } from '../core/running.js';
import { scopeTexts } from '../core/scope.js';
import type { Address, Change, Elsewhere, Estimate, Hash, LeftAlone, Plan } from '../core/types.js';
import type { Binding } from './bind.js';
import type { Judgement } from './judgement.js';
import type { Observation } from './observe.js';
import { holding, type PlanInput } from './planning.js';
import { tunedIn } from './starts.js';

interface PlanContent extends Judgement {
  readonly observation: Observation;
  readonly changes: readonly Change[];
  readonly records: number;
  readonly estimate: Estimate | null;
  readonly behind: readonly Elsewhere[];
  readonly deserted: Deserted;
}

export function assemble(
  input: PlanInput,
  { observation, verdicts, changes, manifests, records, estimate, behind, deserted }: PlanContent,
  requests: number,
  kindOf: KindOf,
  hash: Hash,
): Plan {
  const counts = countsOf(verdicts);
  const partsOf = (kind: string): readonly Part[] => input.binding.of(kind).resource.parts ?? [];
  const blocked = blockedIn(verdicts);
  const owned = ownedIn(observation, input.owner, input);
  const leftAlone = leftAloneBy(verdicts, input, observation);
  const unenforced = unenforcedIn(changes, input.binding);
  const tuned = tunedIn(verdicts, kindOf);
  const { live, catalog } = observation;
  const { manifests: all, binding } = input;
  const holdsNames = holding(binding);
  const former = formerIn(observation.state.records, input.ids);
  const seen = { manifests: all, live, catalog, former, kindOf, holdsNames };
  const dangling = danglingIn(seen, verdicts);
  return sealed(
    {
      format: 1,
      tool: { name: 'strategos', version: input.version },
      commit: input.commit,
      ...(input.uncommitted ? { uncommitted: input.uncommitted } : {}),
      environment: { ...input.environment, tables: input.binding.tables },
      organization: observation.organization,
      scope: scopeTexts(input.scope),
      manifests,
      observed: observedDigest(observation, hash),
      references: referencesOf(changes, kindOf, observation.catalog),
      tables: observation.homes.missing.map((spec) => spec.name),
      changes,
      counts,
      ...(blocked.length === 0 ? {} : { blocked }),
      ...(behind.length === 0 ? {} : { elsewhere: behind }),
      ...(leftAlone === null ? {} : { leftAlone }),
      ...(unenforced.length === 0 ? {} : { unenforced }),
      ...(tuned.length === 0 ? {} : { tuned }),
      ...(dangling.length === 0 ? {} : { dangling }),
      guards: [
        ...talliesOf(changes, owned, kindOf).flatMap((tally) => guard(tally, input.guards)),
        ...partTalliesOf(changes, partsOf).map((tally) => partGuard(tally, input.guards)),
        ...roomGuard(filledBy(changes, observation, input.binding)),
        ...consumersGuard(changes),
        ...deserted.guards,
        ...runningGuard(changes, kindOf),
        ...ownershipGuard(conflictsOf(verdicts, input.owner)),
      ],
      records,
      requests,
      ...(estimate === null ? {} : { estimate }),
    },
    hash,
  );
}

/**
 * `null` where there is nothing to say. Of a kind that was looked at only for what it refers to,
 * strangers are no news.
 */
function leftAloneBy(
  verdicts: readonly Verdict[],
  { binding }: PlanInput,
  { state }: Observation,
): LeftAlone | null {
  const recorded = [...state.records.values()].map(({ address }) => kindName(address));
  const named = new Set([...binding.uses, ...recorded]);
  const those = (is: Verdict['is']): Address[] =>
    verdicts.filter((verdict) => verdict.is === is).map(addressOf);
  const unowned = verdicts.filter((verdict) => verdict.is === 'unchanged' && !verdict.owned);
  const strangers = those('stranger').filter((address) => named.has(kindName(address)));
  const found = { unmanaged: those('unmanaged'), strangers };
  if (found.unmanaged.length + found.strangers.length + unowned.length === 0) return null;
  return { ...found, unowned: unowned.map(addressOf) };
}

/** What the changes add to data tables. */
function filledBy(
  changes: readonly Change[],
  { state, live, namesakes = [] }: Observation,
  { all, tables, of }: Binding,
): Filled[] {
  const inTables = all.filter(({ resource }) => !('path' in resource.home));
  const parts = new Set(
    changes.flatMap(({ address }) =>
      (of(kindName(address)).resource.parts ?? []).flatMap(({ field, rows }) =>
        rows === undefined ? [] : field,
      ),
    ),
  );
  return [
    recordsFilled(changes, state, tables.state),
    ...inTables.map(({ kind }) =>
      // What cannot be told apart takes room all the same.
      objectsFilled(changes, [...live, ...namesakes], { kind: kind.name, table: tables.objects }),
    ),
    ...[...parts].flatMap((field) => rowsFilled(changes, field)),
  ];
}

function unenforcedIn(changes: readonly Change[], { all }: Binding): string[] {
  return all.flatMap(({ kind, resource }) => {
    const made = changes.flatMap(({ address, after }) =>
      kindName(address) === kind.name && after !== null ? [after] : [],
    );
    return resource.unenforced?.(made) ?? [];
  });
}

function conflictsOf(verdicts: readonly Verdict[], us: Us): OwnershipConflicts {
  const adopted = verdicts.filter(
    (verdict) => verdict.is === 'adopt' && !asksForAdoption(verdict.desired.manifest),
  );
  const foreign = verdicts.flatMap((verdict) => {
    if (verdict.is !== 'foreign') return [];
    const { owner, remark } = verdict;
    return [{ address: addressOf(verdict), owner, remark }];
  });
  return { adopted: adopted.map(addressOf), foreign, us };
}

export function ownedIn(
  { live, state }: Observation,
  owner: Us,
  { manifests, binding: { kindOf } }: Pick<PlanInput, 'manifests' | 'binding'>,
): ReadonlyMap<string, number> {
  const owned = new Map(manifests.map(({ kind }): [string, number] => [kind, 0]));
  for (const one of live) {
    const record = state.records.get(one.address);
    if (ownershipOf(record, one, owner, kindOf(one.kind)).by !== 'us') continue;
    owned.set(one.kind, (owned.get(one.kind) ?? 0) + 1);
  }
  return owned;
}
