/**
 * The suite of a kind that lives in the platform's own API, over HTTP and through the command line:
 * what a team does with objects of it, from the first export to the audit trail. What is special of
 * a kind is in its driver alone.
 */
import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { permittedOn } from '../../src/doctor/needs.js';
import { DEMO_ORG } from '../../src/simulator/demo-org.js';
import type { OrgFile } from '../../src/simulator/org-file-types.js';
import { Workplace, type Ended } from '../support/cli.js';
import { manifestOf } from '../support/many.js';

export interface KindDriver {
  readonly kind: string;
  readonly noun: { readonly one: string; readonly many: string };
  /** Of the listing; an object is below it. */
  readonly path: string;
  /** Manifests of other kinds that objects of this one refer to: file → text. */
  readonly beside?: Readonly<Record<string, string>>;
  /** What an export has to have for a plan of it, where that is more than the kind. */
  readonly kinds?: readonly string[];
  readonly spec: object;
  /** What a team makes of it next; `null` where the platform changes nothing of an object. */
  readonly changed: object | null;
  /** What a person sends to make one as `spec` says; `idOf` knows what `beside` has made. */
  readonly body: (name: string, idOf: (path: string, name: string) => Promise<string>) => unknown;
  /** The change of a person's hand: a field that `spec` has, made different. */
  readonly byHand:
    ((entity: object) => { readonly method: 'PUT' | 'PATCH'; readonly body: object }) | null;
}

/** The client of the tool may do what `init` says that it has to for these kinds, and no more. */
function orgFor(kinds: readonly string[]): OrgFile {
  const told = permittedOn('datatable');
  const own = told.kinds.filter(({ kind }) => kinds.includes(kind));
  const init = [told, ...own].flatMap(({ reads, writes }) => [...reads, ...writes]);
  // This org offers the strategies API, which others answer with 404: kept from us, it holds deletes.
  const permissions = [...init, 'routing:strategy:view'];
  const clients = (DEMO_ORG.clients ?? []).map((one) =>
    one.id === 'demo' ? { ...one, permissions } : one,
  );
  return { ...DEMO_ORG, clients: [...clients, { id: 'ben', secret: 'ben', user: 'Ben' }] };
}

const ENVIRONMENT = `apiVersion: strategos/v1
kind: Environment
metadata: { name: prod }
spec: { backend: datatable, owner: example/routing, prune: true, guards: { maxDeletes: 100%, maxChanges: 100% } }
`;

/** A folder with manifests of one kind, and the org that they are for. */
class Team {
  private constructor(
    readonly place: Workplace,
    private readonly of: KindDriver,
  ) {}

  static async open(of: KindDriver): Promise<Team> {
    const beside = Object.values(of.beside ?? {}).flatMap(
      (text) => /^kind: (\w+)/m.exec(text)?.[1] ?? [],
    );
    const kinds = [of.kind, ...beside, ...(of.kinds ?? [])];
    const place = await Workplace.open(orgFor(kinds), { backend: 'datatable' });
    await rm(path.join(place.dir, 'strategies'), { recursive: true });
    await mkdir(path.join(place.dir, 'strategies'));
    await place.write('strategies/environment.yaml', ENVIRONMENT);
    for (const [file, text] of Object.entries(of.beside ?? {})) {
      await place.write(`strategies/${file}`, text);
    }
    return new Team(place, of);
  }

  async declare(name: string, spec: object): Promise<void> {
    await this.place.write(`strategies/${name}.yaml`, manifestOf(this.of.kind, name, spec));
  }

  undeclare(name: string): Promise<void> {
    return rm(path.join(this.place.dir, 'strategies', `${name}.yaml`));
  }

  run(...args: string[]): Promise<Ended> {
    return this.place.strategos(args);
  }

  /** Ends with 0, or says what the command said. */
  async done(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.run(...args);
    expect([code, stderr.includes('error')], stderr + stdout).toEqual([0, false]);
    return stdout;
  }

  apply(...args: string[]): Promise<string> {
    return this.done('apply', '--yes', ...args);
  }

  /** Action and address of every change of a plan. */
  async planned(...args: string[]): Promise<string[]> {
    const text = await this.done('plan', '--format', 'json', ...args);
    const { changes } = JSON.parse(text) as { changes: { action: string; address: string }[] };
    return changes.map(({ action, address }) => `${action} ${address}`);
  }

  /** Those of the kind that are there, without what the platform writes of its own accord. */
  async live(): Promise<Map<string, Entity>> {
    const all = await this.place.entities<Entity>(`${this.of.path}?pageSize=100`);
    return new Map(all.filter(({ state }) => state !== 'deleted').map((one) => [one.name, one]));
  }

  async one(name: string): Promise<Entity> {
    const found = (await this.live()).get(name);
    if (found === undefined) throw new Error(`the org has no ${this.of.noun.one} ${name}`);
    // The listing need not show it in full.
    return (await this.place.request('GET', `${this.of.path}/${found.id}`)) as Entity;
  }

  /** What a person makes who knows nothing of git. */
  async person(name: string, client = 'ben'): Promise<void> {
    const idOf = async (listing: string, wanted: string): Promise<string> => {
      const all = await this.place.entities(`${listing}?pageSize=100`);
      return all.find((one) => one.name === wanted)?.id ?? '';
    };
    const body = (await this.of.body(name, idOf)) as object;
    await this.place.request('POST', this.of.path, body, client);
  }

  async edit(name: string, client = 'ben'): Promise<void> {
    const entity = await this.one(name);
    const { method, body } = this.of.byHand?.(entity) ?? { method: 'PUT', body: {} };
    await this.place.request(method, `${this.of.path}/${entity.id}`, body, client);
  }

  async remove(name: string, client = 'ben'): Promise<void> {
    const { id } = await this.one(name);
    await this.place.request('DELETE', `${this.of.path}/${id}`, undefined, client);
  }

  async lastRun(): Promise<string> {
    return (await this.place.runs()).filter((run) => run.includes('-apply-')).at(-1) ?? '';
  }
}

interface Entity {
  readonly id: string;
  readonly name: string;
  readonly state?: string;
}

/** What an object is, without what moves with every write. */
function content(entity: Entity): object {
  const moving = ['version', 'dateModified', 'modifiedBy', 'status', 'memberCount'];
  return Object.fromEntries(Object.entries(entity).filter(([key]) => !moving.includes(key)));
}

export function kindConformance(of: KindDriver): void {
  describe(of.kind, () => {
    let team: Team;
    const address = `${of.kind}/One`;

    beforeEach(async () => {
      team = await Team.open(of);
      await team.apply('--quiet');
      await team.declare('One', of.spec);
    });
    afterEach(() => team.place.close());

    making(of, () => team, address);
    adopting(of, () => team, address);
    drifting(of, () => team, address);
    lookingBack(of, () => team, address);
  });
}

type Case = (of: KindDriver, team: () => Team, address: string) => void;

const making: Case = (of, team, address) => {
  it('is made, is as it was asked for, and goes when its manifest goes', async () => {
    expect(await team().planned()).toEqual([`create ${address}`]);
    await team().apply();
    expect(await team().planned()).toEqual([]);
    expect([...(await team().live()).keys()]).toContain('One');
    await team().undeclare('One');
    expect(await team().planned()).toEqual([`delete ${address}`]);
    await team().apply();
    expect([...(await team().live()).keys()]).not.toContain('One');
    expect(await team().planned()).toEqual([]);
  });

  it.skipIf(of.changed === null)('is changed, and nothing beside what changed', async () => {
    await team().apply();
    const before = await team().one('One');
    await team().declare('One', of.changed ?? {});
    expect(await team().planned()).toEqual([`update ${address}`]);
    await team().apply();
    expect(await team().planned()).toEqual([]);
    const after = await team().one('One');
    expect(after.id).toBe(before.id);
    await team().declare('One', of.spec);
    await team().apply();
    expect(content(await team().one('One'))).toEqual(content(before));
  });

  it('is exported as a manifest in which a plan finds nothing to change', async () => {
    await team().apply();
    await team().person('Two');
    const targets = (of.kinds ?? [of.kind]).flatMap((kind) => ['--target', kind]);
    await team().done('export', ...targets, '--out', 'exported');
    const files = await team().run('plan', '--dir', 'exported', '--adopt', '--format', 'json');
    expect([files.code, files.stderr]).toEqual([0, expect.not.stringContaining('error')]);
    const { changes, counts } = JSON.parse(files.stdout) as {
      changes: { action: string; address: string; fields: unknown[] }[];
      counts: Record<string, number>;
    };
    expect(changes.filter(({ fields }) => fields.length > 0)).toEqual([]);
    const adopted = changes.map((one) => [one.action, one.address]);
    expect(adopted).toContainEqual(['adopt', `${of.kind}/Two`]);
    expect(adopted).not.toContainEqual(['adopt', address]);
    expect([counts['create'], counts['update'], counts['delete']]).toEqual([0, 0, 0]);
  });

  it('is counted and named as what it is', async () => {
    const said = await team().apply();
    expect(said).not.toMatch(/strateg(y|ies) /);
    const exported = await team().done('export', '--target', of.kind, '--out', 'exported');
    expect(exported).toMatch(new RegExp(`\\b(${of.noun.one}|${of.noun.many})\\b.* exported`));
  });
};

const adopting: Case = (of, team, address) => {
  it('of a person is left alone until somebody asks, adopted then, and deleted as ours', async () => {
    await team().person('One');
    const before = await team().one('One');
    expect(await team().planned()).toEqual([]);
    const unasked = of.changed === null ? null : await differing(team(), of);
    expect(unasked?.code ?? 4).toBe(4);
    await team().declare('One', of.spec);
    expect(await team().planned('--adopt')).toEqual([`adopt ${address}`]);
    await team().apply('--adopt');
    expect((await team().one('One')).id).toBe(before.id);
    expect(await team().planned()).toEqual([]);
    await team().undeclare('One');
    await team().apply();
    expect((await team().live()).has('One')).toBe(false);
  });

  it('of another team is refused, whatever is agreed to', async () => {
    await team().apply();
    const before = await team().one('One');
    const other = ENVIRONMENT.replace('example/routing', 'example/other');
    await team().place.write('strategies/environment.yaml', other);
    const { code, stderr } = await team().run('apply', '--yes', '--adopt', '--force');
    expect([code, stderr]).toEqual([4, expect.stringMatching(/ belongs? to example\/routing/)]);
    expect(await team().one('One')).toEqual(before);
  });

  it('of nobody that no manifest declares stays as it is', async () => {
    await team().person('Two');
    const before = await team().one('Two');
    await team().apply();
    await team().undeclare('One');
    await team().apply();
    expect(await team().one('Two')).toEqual(before);
  });
};

async function differing(team: Team, of: KindDriver): Promise<Ended> {
  await team.declare('One', of.changed ?? {});
  return team.run('apply', '--yes');
}

interface Drifts {
  readonly drifts: readonly {
    readonly address: string;
    readonly how: string;
    readonly fields: readonly { readonly by: { readonly who?: string } }[];
    readonly by?: { readonly who?: string };
  }[];
}

const drifting: Case = (of, team, address) => {
  it.skipIf(of.byHand === null)('that a person changes has drifted, with who', async () => {
    await team().apply();
    await team().edit('One');
    const { code, stdout } = await team().run('drift', '--format', 'json');
    expect(code).toBe(2);
    const { drifts } = JSON.parse(stdout) as Drifts;
    expect(drifts.map((one) => one.address)).toEqual([address]);
    expect(drifts[0]?.fields.map(({ by }) => by.who)).toEqual(drifts[0]?.fields.map(() => 'Ben'));
    await team().apply();
    expect((await team().run('drift')).code).toBe(0);
  });

  it('that a person deletes has drifted, with who, and is made again', async () => {
    await team().apply();
    const { id } = await team().one('One');
    await team().remove('One');
    const { code, stdout } = await team().run('drift');
    expect([code, stdout]).toEqual([2, expect.stringContaining(address)]);
    expect(stdout).toContain('Ben');
    expect(await team().planned()).toEqual([`create ${address}`]);
    await team().apply();
    expect((await team().one('One')).id).not.toBe(id);
    expect(await team().planned()).toEqual([]);
  });

  it.skipIf(of.byHand === null)('that moved since its plan is not written over', async () => {
    await team().apply();
    await team().declare('One', of.changed ?? {});
    await team().done('plan', '--out', 'plan.json');
    await team().edit('One');
    const before = await team().one('One');
    const { code, stdout, stderr } = await team().run('apply', 'plan.json', '--yes');
    expect(code, stdout + stderr).toBe(4);
    expect(await team().one('One')).toEqual(before);
  });
};

const lookingBack: Case = (of, team) => {
  it.skipIf(of.changed === null)('goes back to what a run found', async () => {
    await team().apply();
    const before = content(await team().one('One'));
    await team().declare('One', of.changed ?? {});
    await team().apply();
    await team().done('rollback', await team().lastRun(), '--yes');
    expect(content(await team().one('One'))).toEqual(before);
  });

  it('that a run deleted comes back with a rollback', async () => {
    await team().apply();
    await team().undeclare('One');
    await team().apply();
    await team().done('rollback', await team().lastRun(), '--yes');
    await team().declare('One', of.spec);
    expect(await team().planned()).toEqual([]);
  });

  it('is in the audit trail with the person who did it, and with our run', async () => {
    await team().apply();
    await team().remove('One');
    const stdout = await team().done('audit', 'trail', '--format', 'json');
    const { entries } = JSON.parse(stdout) as {
      entries: { action: string; what: string; who: string }[];
    };
    const told = entries.map(({ action, what, who }) => `${action} ${what} by ${who}`);
    expect(told.join('\n')).toMatch(/delete.*One by Ben/i);
    expect(told.filter((one) => one.includes('One')).length).toBeGreaterThan(1);
  });

  it('is in a plan for people by its own words', async () => {
    const text = await team().done('plan', '--format', 'markdown');
    expect(text).toContain('One');
    expect(text).not.toMatch(/strategies? (?!\(strategos\))/);
  });
};
