/** `strategos owner transfer`: what one owner has becomes another's; no object is changed. */
import { same } from '../../core/canonical.js';
import { EXIT, Refused, type ExitCode } from '../../core/errors.js';
import type { JsonObject } from '../../core/json.js';
import { ownerIn, ownerText, type Owner, type Us } from '../../core/owner.js';
import { plural } from '../../core/plural.js';
import type { StateRecord } from '../../core/state.js';
import { refuseOddName, transferred, type Handover } from '../../core/transfer.js';
import type { HandedOver } from '../../engine/hand-over.js';
import { observe, type Observation } from '../../engine/observe.js';
import type { Reader, Writer } from '../../engine/ports.js';
import { whoWeAre, type UsHere } from '../../engine/who-we-are.js';
import { sha256 } from '../../files/digest.js';
import {
  transferJson,
  transferMarkdown,
  transferText,
  type TransferReport,
} from '../../render/transfer.js';
import { agreedWithin, refuseUnasked } from '../consent.js';
import type { CommonOptions, TransferOptions } from '../options.js';
import { bindingOf, inSession, scopeOf, type Ending, type Session } from '../session.js';
import type { World } from '../world.js';
import { writingRun } from '../writing.js';

type Options = CommonOptions & TransferOptions;

export async function transfer(options: Options, world: World): Promise<ExitCode> {
  // The environment plays no part in what a name may be.
  refuseOddName(ownerIn(options.to, ''));
  const request = { command: 'owner-transfer', environment: options.env, plans: true };
  if (options.dryRun) {
    return inSession<Reader>(
      { ...request, open: (sdk, connection) => sdk.openReader(connection) },
      options,
      world,
      async (session) => {
        const { client } = session;
        const observation = await observe(client, bindingOf(session), sha256, {}, 'every');
        const us = await whoWeAre(ownerOf(session), observation.state.records);
        const found = wanted(session, { observation, us }, options);
        await recordWanted(session, found);
        print(found.report, options, world);
        return ending(found.report);
      },
    );
  }
  refuseUnasked('owner transfer', options, world);
  return inSession<Writer>(
    { ...request, open: (sdk, connection) => sdk.openWriter(connection) },
    options,
    world,
    async (session) => handing(session, options, world),
  );
}

async function handing(session: Session<Writer>, options: Options, world: World): Promise<Ending> {
  const request = { plan: { scope: null }, lockTimeoutSeconds: options.lockTimeout };
  const run = writingRun(session, request, options, world);
  const looked = await run.look(ownerOf(session));
  const { records, report } = wanted(session, looked, options);
  await recordWanted(session, { records, report });
  const { from, to, organization } = report;
  if (options.format === 'text') print(report, options, world);
  // Whoever is asked has to have seen what for, whatever form the result will have.
  else if (!options.yes) world.err(`${transferText(report, world.errStyle)}\n`);
  const question =
    `Hand ${plural(records.length, 'record')} in "${organization.name}" over from ` +
    `${ownerText(from)} to ${ownerText(to)}?`;
  const answer = options.yes ? AGREED : await agreedWithin(question, run, world);
  if (!answer.yes) {
    world.err('Not carried out: the answer was not yes.\n');
    const declined = { ...report, state: 'declined', exitCode: EXIT.refused };
    if (options.format !== 'text') print(declined, options, world);
    return ending(declined);
  }
  // Without the lock others may have been at it: what was agreed to has to be so still.
  if (answer.paused) {
    const again = wanted(session, await run.look(ownerOf(session)), options);
    if (!same(shown(again.records), shown(records))) throw moved(from);
  }
  const interrupted = session.deferInterrupt();
  const { handovers, exitCode } = await run.handOver({ records, to, interrupted });
  const done = { ...report, state: transferStateOf({ handovers, exitCode }), exitCode, handovers };
  if (options.format === 'text') world.out('\n');
  print(done, options, world);
  return ending(done);
}

interface Wanted {
  readonly records: readonly StateRecord[];
  readonly report: TransferReport & { readonly exitCode: ExitCode };
}

const AGREED = { yes: true, paused: false };

function shown(records: readonly StateRecord[]): JsonObject[] {
  return records.map(({ address, id, run, at }) => ({ address, id, run, at }));
}

function moved(from: Owner): Refused {
  const message = `what ${ownerText(from)} has is no longer what was shown; nothing was done`;
  return new Refused('stale-plan', message, { hint: 'run it again, and look at it anew' });
}

/** Nobody has been asked yet. */
function wanted(
  session: Session,
  { observation, us }: { readonly observation: Observation; readonly us: Us },
  options: Options,
): Wanted {
  const { name } = session.environment;
  const { organization, state } = observation;
  const [from, to] = [ownerIn(options.from, name), ownerIn(options.to, name)];
  const scope = scopeOf(options.target);
  const force = options.force ?? false;
  const records = transferred(state.records, { from, to, scope, us, force });
  const handovers = records.map((record): Handover => ({ record, state: 'planned', message: '' }));
  const report = {
    run: session.run.context.run,
    state: 'planned',
    exitCode: EXIT.done,
    environment: name,
    organization,
    from,
    to,
    handovers,
  };
  return { records, report };
}

/** So that a later run knows which org it was about. */
async function recordWanted({ run }: Session, { records, report }: Wanted): Promise<void> {
  const { organization, from, to } = report;
  const planned = { organization: organization.id, from: cells(from), to: cells(to) };
  await run.append({ type: 'planned', detail: { ...planned, records: records.length } });
}

function cells({ name, environment }: Owner): { name: string; environment: string } {
  return { name, environment };
}

function ownerOf({ owner, command }: Session): UsHere {
  if (owner === null) throw new Error(`${command} has not said that it needs an owner`);
  return owner;
}

function transferStateOf({ handovers, exitCode }: HandedOver): string {
  if (exitCode === EXIT.interrupted) return 'interrupted';
  if (exitCode === EXIT.done) return 'transferred';
  const some = handovers.some(({ state }) => state === 'transferred');
  return some ? 'transferred in part' : 'not transferred';
}

function ending({ exitCode, state }: { exitCode: ExitCode; state: string }): Ending {
  return { exitCode, state, plan: null, outcomes: [] };
}

function print(report: TransferReport, { format }: CommonOptions, world: World): void {
  if (format === 'json') world.out(transferJson(report));
  else if (format === 'markdown') world.out(transferMarkdown(report));
  else world.out(`${transferText(report, world.outStyle)}\n`);
}
