/** What the simulated org is made of. Everything is looked up by id; ids follow from seeds. */
import type platformClient from 'purecloud-platform-client-v2';
import type { JsonObject } from '../core/json.js';
import type { OrgObserved } from '../generated/types.js';
import type { TrafficRule } from './org-file-types.js';
import type { Division, Queue } from './queue.js';
import type { ErrorBody } from './refusal.js';
import type { TrafficFlow } from './traffic-flow.js';

export type { Division, Queue };

export type AuditLogMessage = platformClient.Models.AuditLogMessage;
export type AuditQueryFilter = platformClient.Models.AuditQueryFilter;

export interface Client {
  readonly id: string;
  readonly secret: string;
  readonly permissions: readonly string[];
  readonly tokenSeconds: number;
  /** A client that stands for a person: what it writes is audited under this user. */
  readonly userId: string | null;
}

export interface Token {
  readonly value: string;
  readonly clientId: string;
  /** Milliseconds since the epoch; from this instant on the token is refused. */
  readonly expiresAt: number;
  /** Start of the minute that `count` counts, milliseconds since the epoch. */
  windowStart: number;
  count: number;
}

export interface Skill {
  readonly id: string;
  readonly name: string;
}

/** A thing with a name: see `named-things.ts`. */
export interface Thing {
  readonly id: string;
  readonly name: string;
  readonly division: Division | null;
  readonly texts: Readonly<Record<string, string>>;
  /** What else it says, as it is shown. */
  readonly content: JsonObject;
  readonly state: 'active' | 'deleted';
  readonly version: number;
  readonly dateCreated: string;
  readonly dateModified: string;
  readonly modifiedBy: string | null;
}

/** What a flow may use. */
export type Usable =
  | 'skills'
  | 'languages'
  | 'wrapupCodes'
  | 'queues'
  | 'tables'
  | 'schedules'
  | 'scheduleGroups'
  | 'emergencyGroups';

/** A call flow, as far as dependency tracking knows it. What it uses is held by name. */
export interface Flow {
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly type: string;
  readonly uses: Readonly<Partial<Record<Usable, readonly string[]>>>;
}

export interface Named {
  readonly id: string;
  readonly name: string;
}

export type UserStatus = 'idle' | 'interacting' | 'offQueue';

export interface User {
  readonly id: string;
  readonly name: string;
  readonly skillIds: readonly string[];
  /** Absent: none. */
  readonly languageIds?: readonly string[];
  status: UserStatus;
}

export type StrategyStatus = 'draft' | 'activating' | 'active' | 'failed';

export interface StrategySkill {
  readonly skillId: string;
  readonly required: boolean;
}

export interface StrategyTarget {
  readonly id: string;
  readonly priority: number;
  readonly weight: number;
  readonly capacity: number;
}

export interface StrategyFallback {
  readonly id: string;
  readonly priority: number;
  readonly weight: number;
}

/** What a caller may write. */
export interface StrategyContent {
  readonly name: string;
  readonly skills: readonly StrategySkill[];
  readonly targets: readonly StrategyTarget[];
  readonly fallback: StrategyFallback | null;
}

export interface Strategy {
  readonly id: string;
  readonly content: StrategyContent;
  readonly status: StrategyStatus;
  readonly errorMessage: string | null;
  readonly version: number;
  readonly dateCreated: string;
  readonly dateModified: string;
}

/** An activation under way. Faults may put `dueAt` off or set `error`. */
interface Activation {
  dueAt: number;
  /** When set, the activation fails with this text whatever the dependencies are. */
  error: string | null;
}

export type CellValue = string | number | boolean;
export type ColumnType = 'string' | 'integer' | 'number' | 'boolean';

export interface Column {
  readonly type: ColumnType;
  readonly title: string | null;
  readonly displayOrder: number | null;
  readonly fallback: CellValue;
  /** Whether `fallback` was written in the schema or follows from the type. */
  readonly explicit: boolean;
  /** What else its schema says, as it was written. */
  readonly more?: JsonObject;
}

/** All cells by column name, the key included. */
export type Row = ReadonlyMap<string, CellValue>;

export interface Table {
  readonly id: string;
  name: string;
  description: string;
  /** Absent: Home. */
  division?: { readonly id: string; readonly name: string };
  /** By column name, the key column `key` included. */
  columns: ReadonlyMap<string, Column>;
  readonly rows: Map<string, Row>;
}

export type ImportMode = 'ReplaceAll' | 'Append';

export interface ImportCounts {
  readonly updated: number;
  readonly deleted: number;
  readonly failed: number;
}

/** An import of CSV. Replaced whole whenever something about it changes. */
export interface ImportJob {
  readonly id: string;
  readonly tableId: string;
  readonly mode: ImportMode;
  readonly status: 'WaitingForUpload' | 'Processing' | 'Succeeded' | 'Failed';
  /** Who asked for it: its effects are audited under them. */
  readonly caller: { readonly client: Client; readonly user: User | null };
  /** Last part of the URL that takes the file. */
  readonly uploadSecret: string;
  readonly dateCreated: string;
  readonly dateCompleted: string | null;
  readonly counts: ImportCounts;
  readonly error: ErrorBody | null;
}

/** A file that was taken in and takes effect at `dueAt`. */
interface ImportFile {
  readonly dueAt: number;
  readonly text: string;
}

/** What the next import that ends shall suffer; used up by it. */
export interface ImportFaults {
  /** Records with these keys fail, however good they are. */
  readonly failKeys: ReadonlySet<string>;
  /** When set, the job fails with this message and changes nothing. */
  readonly failJob: string | null;
}

/** Milliseconds since the epoch, by the id of a table or `<id of the table>/<key>` of a row. */
export interface Lately {
  /** Until when a row is not found by its key. */
  readonly unread: Map<string, number>;
  /** Until when listings show a row as it was. */
  readonly stale: Map<string, { readonly until: number; readonly row: Row }>;
  /** Insertions of one key that came at once. */
  readonly inserted: Map<string, { readonly at: number; accepted: number; refused: number }>;
  /** What was there and was deleted. */
  readonly deleted: Set<string>;
  /** By queue, its members before each write that listings do not show yet; and until when. */
  readonly members: Map<string, readonly MembersBefore[]>;
}

export interface MembersBefore {
  readonly until: number;
  readonly memberIds: readonly string[];
  readonly ringOf: ReadonlyMap<string, number>;
}

export interface AuditQuery {
  readonly id: string;
  readonly submittedAt: number;
  readonly interval: string;
  readonly serviceName: string | null;
  readonly filters: readonly AuditQueryFilter[];
  /** Found when the query was sent: later events do not move the pages. */
  readonly found: readonly AuditLogMessage[];
}

/** A conversation that was offered to a queue and is over. */
export interface FinishedConversation {
  readonly queueId: string;
  /** Name of the strategy that routed it. */
  readonly strategy: string;
  readonly end: 'answered' | 'abandoned';
  /** Milliseconds since the epoch, when it entered the queue. */
  readonly offeredAt: number;
  /** From then until an agent took it, or until the caller gave up. */
  readonly waitMs: number;
  /** How long the agent had it; 0 for what was abandoned. */
  readonly handleMs: number;
  /** Milliseconds since the epoch, when it was over: `offeredAt` and both durations. */
  readonly at: number;
}

export interface Org {
  readonly id: string;
  readonly name: string;
  /** Requests a minute and token; 0 for no limit. */
  rateLimitPerMinute: number;
  /** Simulated milliseconds from the request to activate to its outcome. */
  activationMs: number;
  /** Simulated milliseconds from the upload of a file of rows to its effect. */
  importMs: number;
  /** Simulated milliseconds from a write of members until they are seen. */
  memberLagMs: number;
  readonly clients: ReadonlyMap<string, Client>;
  readonly tokens: Map<string, Token>;
  /** Those that are not deleted. */
  readonly skills: Map<string, Skill>;
  readonly users: Map<string, User>;
  /** What is little more than a name, deleted or not, by the path of its listing and by id. */
  readonly things: Map<string, Map<string, Thing>>;
  readonly queues: Map<string, Queue>;
  /** A seam for tests, which add to it: nothing that a client sends makes a flow. */
  readonly flows: Flow[];
  /** What no client makes and queues refer to, by the path of its listing: as `flows`. */
  readonly foreign: ReadonlyMap<string, Named[]>;
  readonly strategies: Map<string, Strategy>;
  /** Name to id: names are unique. */
  readonly strategyNames: Map<string, string>;
  readonly activations: Map<string, Activation>;
  /** No activation is due before this instant: most requests find nothing to advance. */
  nextDueAt: number;
  readonly tables: Map<string, Table>;
  readonly tableNames: Map<string, string>;
  readonly imports: Map<string, ImportJob>;
  /** Files that have not taken effect yet, by the id of their job. */
  readonly importFiles: Map<string, ImportFile>;
  /** A seam for tests, which set it whole. */
  importFaults: ImportFaults;
  /**
   * What listings do not show yet, and until when (milliseconds since the epoch): the id of a
   * strategy, or `<id of the table>/<key>` for a row. Only faults put something here.
   */
  readonly unlisted: Map<string, number>;
  /** As an org was seen to behave; empty where BEHAVIOUR.md has all of it. */
  readonly manners: OrgObserved;
  /** What the manners of an org need to remember. */
  readonly lately: Lately;
  /** In the order in which they happened. */
  readonly audits: AuditLogMessage[];
  readonly auditQueries: Map<string, AuditQuery>;
  /** A seam for tests: queries of the audit are Running and never end. */
  auditsStall: boolean;
  /** Conversations that an agent can handle at once, by media type. */
  readonly utilization: ReadonlyMap<string, number>;
  readonly traffic: readonly TrafficRule[];
  /** What chance in traffic follows from. */
  readonly seed: number;
  /** `null` until the first request, which is when traffic begins; then as `traffic.ts` left it. */
  flow: TrafficFlow | null;
  /** In the order in which they ended; what traffic has made of the org so far. */
  readonly conversations: FinishedConversation[];
  /** Ids handed out so far; the seed of the next one. */
  made: number;
}

export const NO_IMPORT_FAULTS: ImportFaults = { failKeys: new Set(), failJob: null };

/** `startTime` and `dateCreated` of everything that was there before the first request. */
export const SEED_DATE = '2026-01-01T00:00:00.000Z';

/** RFC 3339 in UTC, with milliseconds: the form of every date on the wire. */
export function instant(at: number): string {
  return new Date(at).toISOString();
}
