/**
 * An org, a folder of runs and a git repository, and everything that is looked at while runs are at
 * work: each request as it arrives, with the object that it is about before and after it.
 */
import type { JsonObject } from '../../src/core/json.js';
import type { Head } from '../../src/core/head.js';
import { headIn, heirKey, LOCK_KEY, lockOf, stateOfRows } from '../../src/core/state.js';
import { sha256 } from '../../src/files/digest.js';
import { LIMITS } from '../../src/genesys/network.js';
import { NoAnswer, isRead, type Exchange } from '../../src/genesys/transport.js';
import { datatable } from '../../src/kinds/routing-strategy/datatable.js';
import type { FaultRule } from '../../src/generated/types.js';
import {
  answerUnder,
  createFaults,
  type FaultSource,
  type Hit,
} from '../../src/simulator/faults.js';
import type { Row, Table } from '../../src/simulator/model.js';
import { answer, createOrg, type Org, type SimRequest } from '../../src/simulator/org.js';
import type { OrgFile } from '../../src/simulator/org-file-types.js';
import { personDeletes, personEdits } from '../../src/simulator/person.js';
import { arriving, START_MS } from '../support/org.js';
import type { Owner } from '../../src/core/owner.js';
import { addressAt } from '../../src/core/record-key.js';
import { BACKEND, keyOf, OTHER } from '../support/owned.js';
import type { Address } from '../../src/core/types.js';
import { ROWS } from '../support/rows.js';
import { Disk } from './disk.js';
import type { Fortune } from './fortune.js';
import { FOLDERS, keysIn, sameText } from './folders.js';
import { USERS } from './furnishing.js';
import { lendHand, makeStrangers, nameAsBefore, THEIRS, type Hand } from './hands.js';
import type { Folder, History, Runner, Setting } from './history.js';
import { Shortening } from './shortening.js';
import {
  countAt,
  isThingThere,
  keyOfThing,
  listedKeys,
  newestAt,
  ownKey,
  thingContent,
  thingKeys,
  thingName,
  thingPlace,
  thingState,
} from './things.js';
import { VirtualTime } from './time.js';

export const SECRET = 's3cr3t-of-the-simulation';

const ORG: OrgFile = {
  organization: { name: 'Simulation' },
  clients: [
    { id: 'sim', secret: SECRET },
    { id: 'person', secret: 'person' },
  ],
  skills: ['Voice'],
  users: [{ name: 'Ada', skills: ['Voice'] }],
  queues: ['Alpha', 'Beta', 'Gamma', 'Delta', 'Overflow'].map((name) => ({
    name,
    members: ['Ada'],
  })),
};

/** Objects that no manifest declares and that are not ours. */
export const STRANGERS = ['nobodys', 'theirs'];

/** By name of a strategy, or by address of anything else. */
export function isStranger(name: string): boolean {
  return STRANGERS.includes(name) || name.endsWith(`/${THEIRS}`);
}

/** What a write is about, in the org as it is. */
export interface Place {
  readonly is:
    'object' | 'part' | 'record' | 'lock' | 'head' | 'table' | 'import' | 'upload' | 'other';
  /** `strategy/<id>`, `row/<table>/<key>`; empty where there is no single object. */
  readonly key: string;
  readonly name: string;
}

/** One write as it reached the org. */
export interface Arrival {
  readonly run: SimulatedRun;
  readonly request: SimRequest;
  readonly place: Place;
  readonly atMs: number;
  /** What the object said; `null` where it was not there. */
  readonly before: string | null;
  readonly after: string | null;
  readonly tookEffect: boolean;
  /** The run whose lock was in the table then. */
  readonly lockedBy: string | null;
  /** The records, as they were, of whatever it is about. */
  readonly recorded: readonly Recorded[];
  /** Names of what of ours referred to it then. */
  readonly requiredBy: readonly string[];
  /** Some record of ours, under whatever name, speaks of this object. */
  readonly isOnRecord: boolean;
}

/** A record of an object, before a write. */
export interface Recorded {
  readonly owner: Owner;
  /** The object that it speaks of is there. */
  readonly isThere: boolean;
}

export interface Violation {
  readonly invariant: string;
  readonly what: string;
}

/** What is known of a run while it is at work. */
export interface SimulatedRun {
  readonly id: string;
  readonly folder: Folder;
  /** What its manifests declare. */
  readonly declared: ReadonlySet<string>;
  /** What these say, by name; of a way back nobody holds it against a manifest. */
  readonly specs: Readonly<Record<string, JsonObject>> | null;
  readonly fortune: Fortune;
  /** What objects say, as this run has planned for, or made them, by place. */
  base: Map<string, string>;
  /** As this run has planned for them: that it may overwrite, whoever puts it back. */
  planned: ReadonlyMap<string, string>;
  /** As the last listing showed them. */
  listed: Map<string, string>;
  /** It looks at the org to make its plan. */
  planning: boolean;
  /** It carries out its plan: what people do now must not be overwritten. */
  executing: boolean;
  /** Nothing may be sent to a service before this instant. */
  readonly heldUntilMs: Map<string, number>;
  readonly arrivals: Arrival[];
  /** Of a person, once, at this moment of the run. */
  hand: Runner['hand'] | null;
  /** Objects that it has looked at or written since it began to carry out its plan. */
  readonly begun: Set<string>;
}

export class SimulatedWorld {
  readonly time = new VirtualTime(START_MS);
  readonly org: Org;
  readonly disk = new Disk();
  readonly violations: Violation[] = [];
  /** Every fault that hit, in a form that can be played back. */
  readonly hits: Hit[] = [];
  readonly arrivals: Arrival[] = [];
  /** Texts that must not be in anything that a run wrote or said. */
  readonly secrets = new Set<string>([SECRET]);
  /** Names of objects that a person has touched. */
  readonly touched = new Set<string>();
  /** What strangers are, as people have made them. */
  strangers = new Map<string, string>();
  faults: FaultSource | null = null;
  requests = 0;
  /** By the run. */
  readonly folderOf = new Map<string, Folder>();
  /** What queues are called by manifests, by what people have made of it. */
  readonly renamed = new Map<string, string>();
  /** Keys of things that people have renamed, by the names of before. */
  private readonly renamedThings = new Map<string, string>();
  /** What happened that is no fault of a request. */
  readonly around = new Set<string>();
  /** The backend of the environment, which a person may change. */
  backendName: Setting['backend'];
  private readonly shortening: Shortening;
  private readonly atWork = new Set<SimulatedRun>();

  constructor(readonly history: History) {
    const { backend, rateLimit, activationMs, furnished, memberLagMs = 0 } = history.setting;
    this.backendName = backend;
    const target = { queue: 'Alpha', priority: 1, weight: 1, capacity: 5 };
    const strategies = STRANGERS.map((name) => ({ name, targets: [target] }));
    this.org = createOrg(
      {
        ...ORG,
        ...(backend === 'strategies-api' ? { strategies } : {}),
        ...(furnished === true
          ? { users: USERS.map((name) => ({ name, skills: ['Voice'] })) }
          : {}),
      },
      { rateLimitPerMinute: rateLimit, activationMs },
    );
    this.org.memberLagMs = memberLagMs;
    if (furnished === true) {
      makeStrangers(this.org, (method, path, body) => this.request(method, path, body));
    }
    this.noteStrangers();
    this.shortening = new Shortening(history.seed, history.setting.short ?? 0);
  }

  arm(rules: readonly FaultRule[]): void {
    this.faults = createFaults({ rules: [...rules] }, this.history.seed);
  }

  violated(invariant: string, what: string): void {
    this.violations.push({ invariant, what });
  }

  /** The way of one run to the org. */
  exchange(run: SimulatedRun): Exchange {
    const { latencyMs } = this.history.setting;
    return async (sent) => {
      await run.fortune.moment('before a request');
      const request = arriving(sent);
      this.departs(run, request);
      await this.time.sleep(latencyMs);
      const { delayMs, response, trickleMs } = this.arrives(run, request);
      await run.fortune.moment('after a request took effect');
      await this.time.sleep(delayMs + latencyMs);
      if (trickleMs !== undefined) {
        await this.time.sleep(LIMITS.totalMs);
        throw new NoAnswer('ETIMEDOUT');
      }
      await run.fortune.moment('before an answer is read');
      if (response === null) throw new NoAnswer('ECONNRESET');
      delivered(run, request, response, this.time.now());
      return response;
    };
  }

  private departs(run: SimulatedRun, request: SimRequest): void {
    this.requests += 1;
    const heldUntilMs = run.heldUntilMs.get(serviceOf(request)) ?? 0;
    if (!isCounted(request) || this.time.now() >= heldUntilMs) return;
    const early = heldUntilMs - this.time.now();
    this.violated('polite', `${run.id}: ${request.method} ${request.path} ${early} ms too early`);
  }

  private arrives(run: SimulatedRun, request: SimRequest): ReturnType<typeof answerUnder> {
    const { org } = this;
    const at = this.time.now();
    const { hand } = run;
    this.atWork.add(run);
    if (hand != null && run.fortune.moments >= hand.atMoment) {
      run.hand = null;
      if (this.mayLend(hand)) this.hand(hand);
    }
    const fate = this.faults?.decide(request) ?? [];
    const place = placeOf(org, request, this.objectsTable());
    if (run.executing && place.key !== '') run.begun.add(ownKey(place.key));
    const happening = fate.filter((hit) => !isPerson(hit) || this.mayMeddle(run, request, place));
    this.hits.push(...happening);
    for (const hit of happening.filter(isPerson)) {
      this.person(() => {
        const act = hit.fault === 'person-edits' ? personEdits : personDeletes;
        act(org, request.path, hit.value ?? 0, at);
      });
    }
    const read = isRead(request.method, request.path.split('?')[0] ?? '');
    const before = read ? null : this.mark(request, place);
    const answered = answerUnder(
      org,
      request,
      happening.filter((hit) => !isPerson(hit)),
      at,
    );
    if (isListing(request, place, run)) {
      const kind = listedKeys(request.path);
      const isListed = (key: string): boolean =>
        kind === '' ? !key.startsWith('thing/') : key.startsWith(kind);
      const others = [...run.listed].filter(([key]) => !isListed(key));
      const now = this.keys().filter(isListed);
      run.listed = new Map([
        ...others,
        ...now.map((key) => [key, this.meaningAt(key) ?? ''] as const),
      ]);
    } else if (request.method === 'GET' && run.planning && place.key.startsWith('thing/')) {
      // What is not in the listing is read by itself, and may be another by then.
      run.listed.set(place.key, this.meaningAt(place.key) ?? '');
    }
    if (before !== null) this.witness(run, request, place, before, at);
    const isFault = happening.some(({ fault }) => fault === 'too-many-requests');
    if (answered.response?.status === 429 && !isFault) {
      this.violated('polite', `${run.id}: ${request.method} ${request.path} is over the limit`);
    }
    this.keepSecrets(answered.response?.body ?? '');
    if (this.faults === null || answered.response === null) return answered;
    const response = this.shortening.of(request, answered.response);
    if (response !== answered.response) this.around.add('short listing');
    return { ...answered, response };
  }

  /**
   * What is under way has been looked at, and has no version: between the look and the write nobody
   * can keep an edit from being lost. What no run has begun with people may do with what they like.
   */
  private mayLend({ what, thing }: Hand): boolean {
    if (what === 'make' || what === 'delete') return true;
    const key = keyOfThing(this.org, thing) ?? '';
    const working = [...this.atWork].filter(
      ({ fortune, executing }) => executing && fortune.killedAt === null,
    );
    if (this.history.setting.imports && working.length > 0) return false;
    return !working.some(({ begun }) => begun.has(key));
  }

  /**
   * A row has no version: between the look and the write nobody can keep an edit from being lost,
   * nor between the look and the end of an import. Everywhere else people may do what they like.
   */
  private mayMeddle(run: SimulatedRun, request: SimRequest, place: Place): boolean {
    if (this.history.setting.imports && run.executing) return false;
    if (this.org.importFiles.size > 0) return false;
    if (request.method === 'GET' || !run.executing) return true;
    if (place.is !== 'object' && place.is !== 'part') return true;
    return request.method === 'PUT' && place.key.startsWith('strategy/');
  }

  private mark(request: SimRequest, place: Place): Mark {
    const names =
      place.is === 'upload' ? keysIn(request.body).map(addressOf) : [place.name || nameIn(request)];
    return {
      state: this.stateAt(request, place),
      content: this.meaningAt(place.key),
      recorded: names.flatMap((name) => this.recordOf(name) ?? []),
      requiredBy: request.method === 'DELETE' ? this.referringTo(place) : [],
      isOnRecord: this.isOnRecord(place),
    };
  }

  private isOnRecord({ key }: Place): boolean {
    const [what = '', kind = '', ...id] = ownKey(key).split('/');
    const wanted = what === 'thing' ? id.join('/') : what === 'strategy' ? kind : '';
    return [...(this.stateTable()?.rows.values() ?? [])].some(
      (row) => wanted !== '' && sameText(row.get('object')) === wanted,
    );
  }

  private referringTo(place: Place): string[] {
    if (place.key.startsWith('thing/Skill/')) return this.requiring(place);
    if (!/^thing\/(?:Queue|SkillGroup)\/[^#]+$/.test(place.key)) return [];
    const id = place.key.split('/')[2] ?? '';
    const queues = [...this.org.queues.values()].filter(
      (one) => one.id !== id && JSON.stringify(one.settings).includes(id),
    );
    const names = queues.map(({ name }) => `Queue/${name}`);
    return names.filter((name) => this.recordOf(name)?.isThere === true);
  }

  private requiring({ key, name }: Place): string[] {
    const id = key.slice('thing/Skill/'.length);
    const skill = name.slice('Skill/'.length);
    // What was made a moment ago may be in no listing yet: see "What is not covered".
    const isListed = (one: string): boolean =>
      (this.org.unlisted.get(one) ?? 0) < this.time.now() - 300_000;
    // What was left behind under another backend is told, and holds nothing.
    const isOfRows = this.backendName === 'datatable';
    const strategies = [...(isOfRows ? [] : this.org.strategies.values())].filter(
      (one) => isListed(one.id) && one.content.skills.some(({ skillId }) => skillId === id),
    );
    const table = this.objectsTable();
    const rows = [...((isOfRows && table?.rows) || [])].filter(
      ([key, row]) =>
        isListed(`${table?.id ?? ''}/${key}`) &&
        sameText(row.get('skills')).split('|').includes(skill),
    );
    return [...strategies.map(({ content }) => content.name), ...rows.map(([key]) => key)];
  }

  /** Of an object or of its record, by the name or key of either. */
  private recordOf(name: string): Recorded | null {
    const address: Address = name.includes('/') ? (name as Address) : `RoutingStrategy/${name}`;
    const row = this.stateTable()?.rows.get(keyOf(address, this.backend()));
    if (row === undefined) return null;
    const cell = (key: string): string => sameText(row.get(key));
    const id = cell('object');
    const [, object = ''] = address.split('/');
    const isThing = !address.startsWith('RoutingStrategy/');
    const there = isThing
      ? isThingThere(this.org, address, id)
      : this.backendName === 'datatable'
        ? this.objectsTable()?.rows.has(object) === true
        : this.org.strategies.get(id)?.content.name === object;
    return {
      owner: { name: cell('owner'), environment: cell('environment') },
      isThere: id !== '' && there,
    };
  }

  /** Something that changes whenever a write of this kind takes effect. */
  private stateAt(request: SimRequest, { is, key }: Place): unknown {
    const { method } = request;
    if (is === 'upload') return this.org.importFiles.size;
    if (is === 'import') return this.org.imports.size;
    if (is === 'table') return this.org.tables.size;
    if (method === 'POST' && is === 'object' && key === '') {
      return listedKeys(request.path) === ''
        ? this.org.strategies.size
        : countAt(this.org, request);
    }
    const [kind = '', id = '', ...rest] = key.split('/');
    if (kind === 'thing') return thingState(this.org, key);
    if (kind === 'strategy') return this.org.strategies.get(id);
    return this.org.tables.get(id)?.rows.get(decodeURIComponent(rest.join('/')));
  }

  private witness(
    run: SimulatedRun,
    request: SimRequest,
    place: Place,
    was: Mark,
    atMs: number,
  ): void {
    const tookEffect = this.stateAt(request, place) !== was.state;
    const created = place.key === '' ? this.createdKey(request, place) : place.key;
    const arrival: Arrival = {
      run,
      request,
      place: { ...place, key: created },
      atMs,
      tookEffect,
      before: was.content,
      after: this.meaningAt(created),
      lockedBy: this.lockHolder(),
      recorded: was.recorded,
      requiredBy: was.requiredBy,
      isOnRecord: was.isOnRecord,
    };
    if (created !== '') run.begun.add(ownKey(created));
    this.arrivals.push(arrival);
    run.arrivals.push(arrival);
  }

  private createdKey(request: SimRequest, { is }: Place): string {
    if (listedKeys(request.path) !== '') return newestAt(this.org, request);
    const newest = [...this.org.strategies.keys()].at(-1);
    return is === 'object' && newest !== undefined ? `strategy/${newest}` : '';
  }

  private keepSecrets(body: string): void {
    const token = /"access_token":"([^"]+)"/.exec(body)?.[1];
    if (token !== undefined) this.secrets.add(token);
    const upload = /"uploadURI":"[^"]*\/([^"/]+)"/.exec(body)?.[1];
    if (upload !== undefined) this.secrets.add(upload);
  }

  /** Somebody in the admin UI does something: to strangers it is theirs to do. */
  person(act: () => void): void {
    const before = this.named();
    act();
    const after = this.named();
    for (const name of [...before.keys(), ...after.keys()]) {
      if (before.get(name) !== after.get(name)) this.touched.add(name);
    }
    this.noteStrangers();
  }

  /** Name → content, with that of its parts. */
  private named(): Map<string, string> {
    const found = new Map<string, string>();
    for (const [key, content] of this.objects()) {
      const name = this.nameAt(key);
      found.set(name, (found.get(name) ?? '') + content);
    }
    return found;
  }

  noteStrangers(): void {
    this.strangers = new Map([...this.objects()].filter(([key]) => isStranger(this.nameAt(key))));
  }

  /** Of everything that a strategy is: place → content, without what activation changes. */
  objects(): Map<string, string> {
    const table = this.objectsTable();
    return new Map([
      ...[...this.org.strategies].map(([id, { content }]): [string, string] => [
        ...([`strategy/${id}`, JSON.stringify(content)] as const),
      ]),
      ...[...(table?.rows ?? [])].map(([key, row]): [string, string] => [
        ...([`row/${table?.id ?? ''}/${encodeURIComponent(key)}`, rowText(row)] as const),
      ]),
      ...this.things(),
    ]);
  }

  private keys(): string[] {
    const table = this.objectsTable();
    return [
      ...[...this.org.strategies.keys()].map((id) => `strategy/${id}`),
      ...[...(table?.rows.keys() ?? [])].map(
        (key) => `row/${table?.id ?? ''}/${encodeURIComponent(key)}`,
      ),
      ...(this.history.setting.references === true ? thingKeys(this.org) : []),
    ];
  }

  private things(): [string, string][] {
    if (this.history.setting.references !== true) return [];
    return thingKeys(this.org).map((key) => [key, thingContent(this.org, key) ?? '']);
  }

  /** Somebody in the admin UI does something to what strategies refer to. */
  hand(hand: Hand): void {
    this.around.add(`${hand.what} by hand`);
    this.person(() =>
      lendHand(this.org, hand, this.renamedThings, (method, path, body) =>
        this.request(method, path, body),
      ),
    );
  }

  /** Of an address: there is a record of one of the folders, and the object that it speaks of. */
  isOurs(address: string): boolean {
    const record = this.recordOf(address.replace(/^RoutingStrategy\//, ''));
    const isFolders = Object.values(FOLDERS).some(({ name }) => name === record?.owner.name);
    return isFolders && record?.isThere === true;
  }

  /** Of an address: a person has touched the object. */
  isTouched(address: string): boolean {
    return this.touched.has(address.replace(/^RoutingStrategy\//, ''));
  }

  contentAt(key: string): string | null {
    const [kind = '', id = '', ...rest] = key.split('/');
    if (kind === 'thing') return thingContent(this.org, key);
    if (kind === 'strategy') {
      const strategy = this.org.strategies.get(id);
      return strategy === undefined ? null : JSON.stringify(strategy.content);
    }
    const row = this.org.tables.get(id)?.rows.get(decodeURIComponent(rest.join('/')));
    return row === undefined ? null : rowText(row);
  }

  /** What the tool reads there: not every cell of a row says something. */
  meaningAt(key: string): string | null {
    const [kind = '', id = '', ...rest] = key.split('/');
    if (kind === 'strategy' || kind === 'thing') return this.contentAt(key);
    const row = this.org.tables.get(id)?.rows.get(decodeURIComponent(rest.join('/')));
    if (row === undefined || id !== this.objectsTable()?.id) return null;
    return JSON.stringify(datatable.read(Object.fromEntries(row)).raw);
  }

  nameAt(key: string): string {
    const [kind = '', id = '', ...rest] = key.split('/');
    if (kind === 'thing') return thingName(this.org, key);
    if (kind === 'strategy') return this.org.strategies.get(id)?.content.name ?? '';
    return decodeURIComponent(rest.join('/'));
  }

  objectsTable(): Table | undefined {
    return this.tableNamed(ROWS.tables.objects);
  }

  stateTable(): Table | undefined {
    return this.tableNamed(this.backend().tables.state);
  }

  backend(): typeof BACKEND {
    return this.backendName === 'datatable' ? ROWS : BACKEND;
  }

  private tableNamed(name: string): Table | undefined {
    return this.org.tables.get(this.org.tableNames.get(name) ?? '');
  }

  lockHolder(): string | null {
    const row = this.stateTable()?.rows.get(LOCK_KEY);
    return row === undefined ? null : lockOf(Object.fromEntries(row)).run;
  }

  /** Runs that were taking over the lock of this one, one from the other. */
  heirsOf(run: string): string[] {
    const row = this.stateTable()?.rows.get(heirKey(run));
    if (row === undefined) return [];
    const heir = lockOf(Object.fromEntries(row)).run;
    return [heir, ...this.heirsOf(heir)];
  }

  /** What the org remembers of the audit log of our owner. */
  /** `null` where it has none that can be read. */
  head(folder: Folder): Head | null {
    const rows = [...(this.stateTable()?.rows.values() ?? [])].map((row) =>
      Object.fromEntries(row),
    );
    return headIn(stateOfRows(rows, sha256), FOLDERS[folder], sha256)?.head ?? null;
  }

  /** A person does away with what the org knows of logs. */
  loseHeads(how: 'deleted' | 'broken'): void {
    const { rows } = this.stateTable() ?? {};
    for (const [key, row] of [...(rows ?? [])]) {
      if (!key.startsWith('head-')) continue;
      this.around.add('lost head');
      if (how === 'deleted') rows?.delete(key);
      else rows?.set(key, new Map([...row, ['digest', 'something else']]));
    }
  }

  /** A person gives a queue another name, or its old one back. */
  renameQueue(from: string, to: string): void {
    for (const queue of this.org.queues.values()) {
      if (queue.name !== from) continue;
      queue.name = to;
      this.renamed.set(from, to);
      this.around.add('renamed queue');
    }
  }

  nameQueuesAsBefore(): void {
    for (const [from, to] of this.renamed) {
      for (const queue of this.org.queues.values()) if (queue.name === to) queue.name = from;
    }
    this.renamed.clear();
  }

  nameThingsAsBefore(): void {
    this.person(() =>
      nameAsBefore(this.org, this.renamedThings, (method, path, body) =>
        this.request(method, path, body),
      ),
    );
  }

  changeBackend(): void {
    this.around.add('changed backend');
    this.backendName = this.backendName === 'datatable' ? 'strategies-api' : 'datatable';
    // What stays behind would hold what it refers to for good: whoever moves does away with it.
    this.person(() => {
      const { rows } = (this.backendName === 'strategies-api' && this.objectsTable()) || {};
      for (const key of [...(rows?.keys() ?? [])]) if (!STRANGERS.includes(key)) rows?.delete(key);
      if (this.backendName === 'strategies-api') return;
      for (const [id, { content }] of this.org.strategies) {
        if (STRANGERS.includes(content.name)) continue;
        this.request('DELETE', `/api/v2/routing/strategies/${id}`, {});
      }
    });
  }

  /** Names of objects that the record of this folder has. */
  recordedFor(folder: Folder): Set<string> {
    const found = new Set<string>();
    for (const [key, row] of this.stateTable()?.rows ?? []) {
      const isTheirs = sameText(row.get('owner')) === FOLDERS[folder].name;
      const [kind = '', ...name] = addressOf(key).split('/');
      if (isTheirs && kind === 'RoutingStrategy') found.add(name.join('/'));
    }
    return found;
  }

  /** A person who knows that nobody is at work. */
  unlock(): void {
    this.stateTable()?.rows.delete(LOCK_KEY);
  }

  /** Rows beside ours, once there is a table for them. */
  addStrangers(): void {
    const { rows } = this.objectsTable() ?? {};
    const like = [...(rows?.values() ?? [])].at(0);
    if (rows !== undefined && like !== undefined) {
      for (const name of STRANGERS) rows.set(name, new Map([...like, ['key', name]]));
    }
    const records = this.stateTable()?.rows;
    const record = [...(records ?? [])].find(([key]) => key.includes('~'))?.[1];
    if (records !== undefined && record !== undefined) {
      const key = keyOf('RoutingStrategy/theirs', this.backend());
      const theirs = [...this.objects().keys()].find((one) => this.nameAt(one) === 'theirs') ?? '';
      const object = theirs.startsWith('strategy/') ? theirs.slice(9) : 'theirs';
      const { name: owner, environment } = OTHER;
      const cells = Object.entries({ key, owner, environment, object, applied: '', digest: '' });
      records.set(key, new Map([...record, ...cells]));
    }
    this.noteStrangers();
  }

  /** As somebody with a token of their own; faults are for runs. */
  request(method: string, path: string, body: object): void {
    const token = this.tokenOf('person');
    const headers = { authorization: `Bearer ${token}` };
    answer(this.org, { method, path, headers, body: JSON.stringify(body) }, this.time.now());
  }

  private tokenOf(client: string): string {
    const authorization = `Basic ${Buffer.from(`${client}:${client}`).toString('base64')}`;
    const request = {
      method: 'POST',
      path: '/oauth/token',
      headers: { authorization },
      body: 'grant_type=client_credentials',
    };
    const { body } = answer(this.org, request, this.time.now());
    return (JSON.parse(body) as { access_token: string }).access_token;
  }
}

/** How things are before a write. */
interface Mark {
  readonly state: unknown;
  readonly content: string | null;
  readonly recorded: readonly Recorded[];
  readonly requiredBy: readonly string[];
  readonly isOnRecord: boolean;
}

function rowText(row: Row): string {
  return JSON.stringify([...row].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function isPerson({ fault }: Hit): boolean {
  return fault === 'person-edits' || fault === 'person-deletes';
}

/** What can be done without has a word of its own to say on waiting. */
function serviceOf({ path }: SimRequest): string {
  return /^\/api\/v2\/(analytics\/[a-z]+|audits)\//.exec(path)?.[1] ?? '';
}

function delivered(
  run: SimulatedRun,
  request: SimRequest,
  { headers, status }: { readonly headers: Readonly<Record<string, string>>; status: number },
  nowMs: number,
): void {
  if (status !== 429 || !isCounted(request)) return;
  const untilMs = nowMs + Number(headers['retry-after'] ?? 0) * 1000;
  const service = serviceOf(request);
  run.heldUntilMs.set(service, Math.max(run.heldUntilMs.get(service) ?? 0, untilMs));
}

/** Logins and uploads are not of the API, and have no limit of a token. */
function isCounted({ path }: SimRequest): boolean {
  return path.startsWith('/api/');
}

const STRATEGY = /^\/api\/v2\/routing\/strategies(?:\/([^/]+))?$/;
const ROW = /^\/api\/v2\/flows\/datatables\/([^/]+)\/rows(?:\/([^/]+))?$/;

/** `objects` is the table that call flows read. */
function placeOf(org: Org, request: SimRequest, objects: Table | undefined): Place {
  const path = request.path.split('?')[0] ?? '';
  if (/\/import\/jobs$/.test(path)) return { is: 'import', key: '', name: '' };
  if (!path.startsWith('/api/') && path !== '/oauth/token') {
    return { is: 'upload', key: '', name: '' };
  }
  const [strategy, id = ''] = STRATEGY.exec(path) ?? [];
  if (strategy !== undefined) {
    const name = org.strategies.get(id)?.content.name ?? '';
    return { is: 'object', key: id === '' ? '' : `strategy/${id}`, name };
  }
  const thing = thingPlace(org, request);
  if (thing !== null) return thing;
  if (path === '/api/v2/flows/datatables') return { is: 'table', key: '', name: '' };
  const [row, table = '', key = ''] = ROW.exec(path) ?? [];
  if (row === undefined) return { is: 'other', key: '', name: '' };
  const name = key === '' && request.method === 'POST' ? keyIn(request) : decodeURIComponent(key);
  const beside = isLock(name) ? 'lock' : name.startsWith('head-') ? 'head' : 'record';
  const is = table === objects?.id ? 'object' : beside;
  const place = name === '' ? '' : `row/${table}/${encodeURIComponent(name)}`;
  return { is, key: place, name: is === 'record' ? addressOf(name) : name };
}

/** Or the row of whoever takes it over. */
function isLock(name: string): boolean {
  return name === LOCK_KEY || name.startsWith(heirKey(''));
}

/** Of the key of a record. */
function addressOf(key: string): string {
  return addressAt(key, null, sha256)?.address ?? key;
}

/** A strategy that is made says in its body what it is called. */
function nameIn({ method, path, body }: SimRequest): string {
  if (method !== 'POST' || STRATEGY.exec(path.split('?')[0] ?? '') === null) return '';
  return sameText((JSON.parse(body) as { name?: unknown }).name);
}

/** A row that is made says in its body which one it is. */
function keyIn({ body }: SimRequest): string {
  const { key } = JSON.parse(body) as { key?: string };
  return key ?? '';
}

function isListing(
  { method, path }: SimRequest,
  { is, key }: Place,
  { planning }: SimulatedRun,
): boolean {
  return method === 'GET' && planning && is === 'object' && key === '' && path.includes('page');
}
