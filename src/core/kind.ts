/**
 * What a kind declares. Shared code reads these declarations and never asks which kind it has: what
 * not every kind has is a facet, and who needs a facet asks whether it is there.
 */
import type { ReferenceTo } from './catalog.js';
import type { RecordField } from './fields.js';
import type { Issue } from './issue.js';
import type { Json, JsonObject } from './json.js';
import { specOf } from './manifest.js';
import type { Reference } from './normalise.js';
import type { IdOf, Resource } from './resource.js';
import type { Start } from './start.js';
import type { CheckLevel, CheckName, LiveState, Manifest } from './types.js';

export interface Kind {
  readonly name: string;
  /** For every text that counts or names objects: `strategy`, `strategies`. */
  readonly noun: Noun;
  /** What references call it: `skill`; absent where nothing refers to it. */
  readonly refType?: ReferenceTo;
  /** The fields below `spec` that are kept equal with the org. */
  readonly fields: RecordField;
  /** Those of them that are given at its creation, and tell it from another of the same name. */
  readonly identity: readonly string[];
  /**
   * What it names of its own kind may be left out for a while, and written once the other is there:
   * a new one cannot name itself, nor two new ones each other.
   */
  readonly namesLater?: true;
  /** Semantic errors of one manifest. */
  rules(manifest: Manifest): Issue[];
  /** A spec in the shape of `fields`, where people write it in another; places stay theirs. */
  fromSpec?(spec: JsonObject): JsonObject;
  /** The place in the spec of a place in what `fromSpec` gives. Default: the same. */
  placeInSpec?(spec: JsonObject, pointer: string): string;
  /** What a manifest names beside the references among its fields: in texts kept as such. */
  cites?(manifest: Manifest): readonly Citation[];
  /** The same of what objects hold, which may be another's text than the manifest's. */
  readonly citing?: Citing;
  /** A list of the spec may stand in a file of its own. */
  readonly tabular?: Tabular;
  /** Errors of one beside what else is declared; `null` for what is not. */
  among?(manifest: Manifest, declared: (kind: string, name: string) => Manifest | null): Issue[];
  /** What a change ends that nobody ends by the way, for people; `null`: nothing. */
  ends?(before: JsonObject, after: JsonObject | null): string | null;
  /** The `spec` that asks for an object as it is. */
  toSpec(fields: JsonObject, about: About): JsonObject;
  /** What `toSpec` gave, where a manifest with `spec` asks for less of it than for all there is. */
  inModeOf?(spec: JsonObject, wanted: JsonObject): JsonObject;
  /** By backend, where an environment chooses one; else `platform`. */
  readonly resources: Readonly<Record<string, Resource>>;
  /** What of `desired` is only for what is not there: it gives way to what is in `live`. */
  giveWay?(
    manifest: Manifest,
    desired: JsonObject,
    live: JsonObject,
    renamed: RenamedTo,
  ): JsonObject;
  /** Objects are drafts before they are active. */
  readonly lifecycle?: Lifecycle;
  /** Something has to hold in the org before an object may be active. */
  readonly readiness?: Readiness;
  /** An optimizer may move something. */
  readonly tuning?: Tuning;
  /** A delete waits for whoever takes over. */
  readonly succession?: Succession;
  /** Calls go where an object says. */
  readonly traffic?: Traffic;
  /** Calls wait in an object: what a drawing says of it, who takes them, where they go on to. */
  readonly waiting?: Waiting;
  /** The fields that say who belongs to an object, where others name it as a group of people. */
  readonly gathers?: readonly string[];
}

/** A name in a manifest that has to stand for something, and is no field by itself. */
export interface Citation {
  readonly to: ReferenceTo;
  readonly name: string;
  /** Into the spec. */
  readonly pointer: string;
}

/** Texts of live objects that name others, where a manifest says that they do. */
export interface Citing {
  /** The field that holds them. */
  readonly field: string;
  /** What they may name. */
  to(manifest: Manifest): readonly ReferenceTo[];
  /** In fields in comparable form; `where` says for people which part of the object it is. */
  in(manifest: Manifest, fields: JsonObject): readonly CitationIn[];
  /** All texts in such fields, for whoever knows of no manifest that says what they mean. */
  texts(fields: JsonObject): ReadonlySet<string>;
}

/** The name that something gets in the same plan; `null` where it keeps the one that it has. */
export type RenamedTo = (to: ReferenceTo, name: string) => string | null;

const NOTHING_RENAMED: RenamedTo = () => null;

export interface CitationIn extends Pick<Citation, 'to' | 'name'> {
  readonly where: string;
}

/** A list of a spec that may be the records of a CSV file beside the manifest. */
export interface Tabular {
  /** Pointers into the spec: of the path of the file, and of the list that it stands for. */
  readonly path: string;
  readonly list: string;
  /** What headings may be, the one that every file needs first; empty where the spec says none. */
  headings(spec: JsonObject): readonly string[];
  /** What a cell means; a text that can mean nothing there as it is; `null`: nothing is said. */
  cell(spec: JsonObject, heading: string, text: string): Json;
}

export interface Noun {
  readonly one: string;
  readonly many: string;
}

/** `state`: as the resource read it, for whoever has that. */
export interface About {
  readonly state?: LiveState;
  /** `warn`: it is not to be held back by what is so at the moment. */
  readonly checks?: 'warn';
}

export interface Lifecycle {
  /** The field that says how far an object has come. */
  readonly field: string;
  /** `desired`, with the live state taken over where that is all that is asked for. */
  leaveLive(desired: JsonObject, live: JsonObject): JsonObject;
}

export interface Readiness {
  /**
   * What has to hold before an object with the fields `after` may be active; `before` are the
   * fields that it has now, `null` for a new one.
   */
  checks(manifest: Manifest, after: JsonObject, before: JsonObject | null): CheckRequest[];
}

export interface Tuning {
  /**
   * Where the manifest leaves weights to an optimizer: `desired` with the live ones in bounds,
   * unless it is to start anew. `start`: what was last applied of its start.
   */
  leaveLive(
    manifest: Manifest,
    desired: JsonObject,
    live: JsonObject,
    start: Start | undefined,
  ): JsonObject;
  /** Where the optimizer is to start; `null` where the manifest asks for none. */
  start(manifest: Manifest, desired: JsonObject): Start | null;
  /** What an optimizer may move in the live object; `null` where the manifest asks for none. */
  tunable(manifest: Manifest, desired: JsonObject, live: JsonObject): Tunable | null;
}

export interface Succession {
  /** Things that one object takes from callers. */
  serves(fields: JsonObject): string[];
}

export interface Waiting {
  /** Where calls overflow to, in the order of reading. */
  overflow(fields: JsonObject): readonly Route[];
  /** As `Route.facts`; what the fields do not say is absent. */
  facts(fields: JsonObject): readonly string[];
  /** Who takes the calls. */
  crew(fields: JsonObject): Crew;
}

/** As far as fields say it; references are in comparable form. */
export interface Crew {
  /** One by one; `null` where the fields say nothing of them. */
  readonly people: readonly Json[] | null;
  readonly groups: readonly Reference[];
}

export interface Traffic {
  /** Where an object with these fields sends calls, for a drawing, in the order of reading. */
  routes(fields: JsonObject): readonly Route[];
  /** What other systems are told of it, ids in the place of names. */
  metadata(fields: JsonObject, idOf: IdOf): { readonly status: string; readonly targets: Json };
  /** The queues that it sends calls to, in the order of its fields. */
  destinations(fields: JsonObject): Destination[];
  /** Whether objects with these fields take calls. */
  isOpen(fields: JsonObject): boolean;
  /** References to the skills that an agent must have for them, each. */
  demands(fields: JsonObject): readonly Json[];
}

/** Where objects of the kind live in an environment of that backend. */
export function resourceOf({ name, resources }: Kind, backend: string): Resource {
  const resource = resources[backend] ?? resources['platform'];
  if (resource === undefined) throw new Error(`${name} has no place in the backend ${backend}`);
  return resource;
}

/** What a manifest asks for, in the shape of the kind's fields: names and defaults as written. */
export function askedOf({ fromSpec }: Pick<Kind, 'fromSpec'>, manifest: Manifest): JsonObject {
  const spec = specOf(manifest);
  return fromSpec === undefined ? spec : fromSpec(spec);
}

/** What a manifest asks for, with what it leaves to the org taken over from there. */
export function leaveLive(
  { lifecycle, tuning, giveWay }: Pick<Kind, 'lifecycle' | 'tuning' | 'giveWay'>,
  manifest: Manifest,
  asked: JsonObject,
  live: JsonObject,
  start?: Start,
  renamed: RenamedTo = NOTHING_RENAMED,
): JsonObject {
  const desired = giveWay === undefined ? asked : giveWay(manifest, asked, live, renamed);
  const tuned = tuning === undefined ? desired : tuning.leaveLive(manifest, desired, live, start);
  return lifecycle === undefined ? tuned : lifecycle.leaveLive(tuned, live);
}

/** One arrow of a drawing. `to` and `isLast` tell it from the others of its object. */
export interface Route {
  /** Name of where it leads; of two that are called the same, the id. */
  readonly to: string;
  /** What is left when no other route takes the call. */
  readonly isLast: boolean;
  /** Conditions, one in each place: the same place says the same thing of every such route. */
  readonly facts: readonly string[];
}

/** A fallback takes what no target could. The queue is a reference in comparable form. */
export interface Destination {
  readonly queue: Json;
  readonly role: 'target' | 'fallback';
  readonly weight: number;
  /** Targets of one tier share what comes; the lowest with room is the first. A fallback: 0. */
  readonly tier: number;
  /** Most calls of the object that the queue may hold; `null` for no limit. */
  readonly capacity: number | null;
}

/** References are in comparable form: resolve them with the catalog. */
export interface CheckRequest {
  readonly check: CheckName;
  readonly level: CheckLevel;
  readonly queue: Json;
  readonly skills: readonly Json[];
}

/** How an optimizer behaves: docs/optimizer.md. */
export interface TuningSettings {
  /** Every weight stays between these. */
  readonly bounds: { readonly min: number; readonly max: number };
  /** Part of the way to the policy's weight that one move goes; above 0, at most 1. */
  readonly smoothing: number;
  /** A weight that would move by no more than this stays. */
  readonly deadBand: number;
  /** No move is greater. */
  readonly maxStep: number;
  /** From one move of a strategy to the next. */
  readonly coolDownMs: number;
  /** Observations that are older move nothing. */
  readonly maxAgeMs: number;
}

/** The weights of an object that an optimizer may move. */
export interface Tunable {
  readonly policy: string;
  readonly tuning: TuningSettings;
  readonly targets: readonly {
    /** In comparable form. */
    readonly queue: Json;
    readonly tier: number;
    readonly weight: number;
    /** The weight in the manifest. */
    readonly written: number;
    /** `null` where it is not known. */
    readonly capacity: number | null;
  }[];
  /** The object with these weights, one for each of `targets`, and else as it is. */
  with(weights: readonly number[]): JsonObject;
}

export type KindOf = (name: string) => Kind;

export function kindsByName(kinds: readonly Kind[]): KindOf {
  const byName = new Map(kinds.map((kind) => [kind.name, kind]));
  return (name) => {
    const kind = byName.get(name);
    if (kind === undefined) throw new Error(`no kind is named ${name}`);
    return kind;
  };
}
