/**
 * Files → everything that the manifests say, and what one environment makes of it.
 *
 * `loadManifests` looks at each document by itself and at how they refer to each other; `bundle`
 * applies the overlays of one environment. Each document is held against its schema once, and again
 * only if an overlay changed it.
 */
import { groupedBy } from '../core/grouped.js';
import { folded, twinText } from '../core/alike.js';
import { byText, hasErrors, sortIssues } from '../core/issue.js';
import type { Issue, Location } from '../core/issue.js';
import { isObject, pointerKeys, type Json, type JsonObject } from '../core/json.js';
import { resourceOf, type Kind } from '../core/kind.js';
import { formerNamesOf, specOf } from '../core/manifest.js';
import { suggestion } from '../core/nearest.js';
import { repeatedIn } from '../core/repeated.js';
import { isTabular, type SourceFile } from '../core/source.js';
import { TABLE_LIMITS, TABLES_PATH } from '../core/table.js';
import type { Manifest, Positions } from '../core/types.js';
import { kinds } from '../kinds/index.js';
import { check, kindOf, nameOf } from './check.js';
import { applyOverlay, overlaySpec, overruled } from './overlay.js';
import { parseSource } from './parse.js';
import { secretIssues, secretPointers } from './secrets.js';
import { takenIn, type Taken } from './tabular.js';
import type { TreePositions } from './positions.js';
import { NOTHING_MORE, type Allowed } from './allowed.js';
import { environmentRules, readEnvironment } from './settings.js';
import type { Environment } from './settings.js';

/** A document of any kind. Its name is empty where it has none. */
export interface LoadedDocument extends Manifest {
  readonly positions: TreePositions;
  /** Nothing is wrong with it by itself, warnings apart. */
  readonly sound: boolean;
}

export interface Loaded {
  /** In the order of the files given, then of the documents in a file. */
  readonly documents: readonly LoadedDocument[];
  /** Sorted; everything that is wrong before any overlay is applied. */
  readonly issues: readonly Issue[];
  /** False where text could not be understood, so that documents may be missing. */
  readonly complete: boolean;
  /** Files of rows, by their paths; default: none were read. */
  readonly files?: ReadonlyMap<string, SourceFile>;
}

/** What one environment reconciles. */
export interface Bundle {
  /** Null where none could be chosen or the chosen one is wrong; `issues` says why. */
  readonly environment: Environment | null;
  /** Names of all that are declared. */
  readonly environments: readonly string[];
  /** Of the reconciled kinds, overlays applied, sorted by kind and name. */
  readonly manifests: readonly Manifest[];
  /**
   * Sorted; those of `Loaded` included. When one is an error, nothing may be done with
   * `manifests`: what is wrong is left out of them, and would be taken for deleted.
   */
  readonly issues: readonly Issue[];
}

/** Every document of every file, each checked by itself and for what it refers to. Never throws. */
export function loadManifests(
  sources: readonly SourceFile[],
  allowed: Allowed = NOTHING_MORE,
): Loaded {
  const { documents, issues, complete, files } = examined(sources, allowed);
  issues.push(...repeatedNames(documents), ...similarNames(documents));
  // A document that could not be read may be the one that is missing.
  if (complete) issues.push(...danglingOverlays(documents));
  return { documents, issues: sortIssues(issues), complete, files };
}

/**
 * The environments alone, for who needs no other manifest: what is wrong with the others is not
 * looked for, and a file that cannot hold an Environment is not parsed.
 */
export function loadEnvironments(
  sources: readonly SourceFile[],
  allowed: Allowed = NOTHING_MORE,
): Loaded {
  const { documents, issues, complete } = examined(
    sources.filter(mayHoldEnvironment),
    allowed,
    'Environment',
  );
  issues.push(...repeatedNames(documents), ...similarNames(documents));
  return { documents, issues: sortIssues(issues), complete };
}

/** The word can be written with escapes, and what is no UTF-8 has to be refused by the parser. */
function mayHoldEnvironment(source: SourceFile): boolean {
  const { bytes } = source;
  if (isTabular(source)) return false;
  return /Environment|[\\\0\ufffd]/.test(new TextDecoder().decode(bytes));
}

/** Documents that were examined by themselves, of every kind or of one. */
function examined(
  given: readonly SourceFile[],
  allowed: Allowed,
  only?: string,
): {
  documents: LoadedDocument[];
  issues: Issue[];
  complete: boolean;
  files: ReadonlyMap<string, SourceFile>;
} {
  const issues: Issue[] = [];
  const documents: LoadedDocument[] = [];
  let complete = true;
  const files = new Map(given.filter(isTabular).map((one) => [one.path, one]));
  const sources = given.filter((one) => !isTabular(one));
  for (const source of sources) {
    const parsed = parseSource(source);
    for (const issue of parsed.issues) issues.push(issue);
    complete &&= parsed.complete;
    for (const { body, positions, sound } of parsed.documents) {
      const [kind, name] = [kindOf(body), nameOf(body)];
      if (only !== undefined && kind !== only) continue;
      const own = examine({ body, positions }, allowed).filter(
        (issue) => sound || !isEcho(issue, parsed.issues),
      );
      for (const issue of own) issues.push(issue);
      documents.push({ kind, name, body, positions, sound: sound && !hasErrors(own) });
    }
  }
  return { documents, issues, complete, files };
}

/** What is wrong with a document, by a pointer into it. */
export interface Problem {
  readonly pointer: string;
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
}

/** What keeps a document that stands in no file from being planned in such an environment. */
export function problemsOf(body: JsonObject, backend: string): Problem[] {
  const places = new Pointers();
  const manifest = { kind: kindOf(body), name: nameOf(body), body, positions: places };
  const own = examine(manifest);
  const beyond = hasErrors(own) ? [] : judged(manifest, backend);
  return places.problems([...own, ...beyond]);
}

/** What is wrong of these beside each other and beside `there`, by their addresses. */
export function problemsAmong(
  bodies: readonly JsonObject[],
  there: Loaded,
  environment: Environment,
): ReadonlyMap<string, Problem> {
  const places = new Map<string, Pointers>();
  const added = bodies.map((body): Manifest => {
    const [kind, name] = [kindOf(body), nameOf(body)];
    const positions = new Pointers(`${kind}/${name}`);
    places.set(`${kind}/${name}`, positions);
    return { kind, name, body, positions };
  });
  const known = there.documents.filter(({ kind, sound }) => sound && isReconciled(kind));
  const all = [...known, ...added];
  const issues = [...amongIssues(all), ...ownTables(there, all, environment)];
  const found = new Map<string, Problem>();
  for (const [address, pointers] of places) {
    const [first] = pointers.problems(issues.filter(({ at }) => at?.file === address));
    if (first !== undefined) found.set(address, first);
  }
  return found;
}

/** Places of a document that stands nowhere: each is told from the others by its column alone. */
class Pointers implements Positions {
  readonly #pointers: string[] = [];

  constructor(private readonly file = '') {}

  at(pointer: string): Location {
    return { file: this.file, line: 0, column: this.#pointers.push(pointer) };
  }

  problems(issues: readonly Issue[]): Problem[] {
    return issues
      .filter(({ severity }) => severity === 'error')
      .map(({ at, code, message, hint }) => ({
        pointer: this.#pointers[(at?.column ?? 0) - 1] ?? '',
        code,
        // There are no lines to lead to.
        message: message.replace(/, in line 0\b/, '').replace('that of line 0', 'another'),
        ...(hint === undefined ? {} : { hint }),
      }));
  }
}

/** A file that was written of one document. */
export interface WrittenSource {
  readonly path: string;
  readonly body: JsonObject;
  readonly text: string;
}

/**
 * What a plan of these files would say of them in `environment`, and the manifests that are sound.
 * They are judged by what they were written of; a text is parsed only where something is wrong in
 * it, to tell the line.
 */
export function judgeWritten(
  written: readonly WrittenSource[],
  environment: Environment,
): { readonly manifests: readonly Manifest[]; readonly issues: readonly Issue[] } {
  const issues: Issue[] = [];
  const documents = written.map(({ path, body, text }): Manifest => {
    const positions = positionsIn(path, text);
    return { kind: kindOf(body), name: nameOf(body), body, positions };
  });
  const manifests = documents.filter((document) => {
    const own = examine(document);
    issues.push(...own);
    return !hasErrors(own) && isReconciled(document.kind);
  });
  issues.push(...similarNames(documents));
  manifests.sort((a, b) => byText(a.kind, b.kind) || byText(a.name, b.name));
  return { manifests, issues: sortIssues([...issues, ...backendIssues(manifests, environment)]) };
}

function positionsIn(path: string, text: string): Positions {
  let found: Positions | undefined;
  return {
    at(pointer) {
      found ??= parseSource({ path, bytes: new TextEncoder().encode(text) }).documents[0]
        ?.positions;
      return found?.at(pointer) ?? { file: path, line: 1, column: 1 };
    },
  };
}

/**
 * The environment of that name (without a name: the only one) with the manifests that hold in it.
 * Never throws.
 */
export function bundle(loaded: Loaded, environmentName: string | undefined): Bundle {
  const chosen = choose(loaded, environmentName);
  if ('issue' in chosen) {
    return {
      environment: null,
      environments: [],
      manifests: [],
      issues: sortIssues([...loaded.issues, chosen.issue]),
    };
  }
  const { document } = chosen;
  const { manifests, issues } = overlaid(sceneOf(loaded), document.name);
  const environment = document.sound ? readEnvironment(document) : null;
  const beyond =
    environment === null
      ? []
      : [...backendIssues(manifests, environment), ...ownTables(loaded, manifests, environment)];
  const environments = environmentsOf(loaded.documents).map(({ name }) => name);
  const all = sortIssues([...loaded.issues, ...issues, ...beyond]);
  return { environment, environments, manifests, issues: all };
}

/** Everything that is wrong in any environment, sorted; the issues of `loaded` included. */
export function validateAll(loaded: Loaded): Issue[] {
  const environments = new Map(environmentsOf(loaded.documents).map((one) => [one.name, one]));
  const scene = sceneOf(loaded);
  const judge = judgeOnce();
  const bare = environments.size === 0 ? asWritten(scene) : [];
  const issues = [...environments].flatMap(([name, document]) => {
    const found = overlaid(scene, name);
    if (!document.sound) return found.issues;
    const environment = readEnvironment(document);
    return [
      ...found.issues,
      ...backendIssues(found.manifests, environment, judge),
      ...ownTables(loaded, found.manifests, environment),
    ];
  });
  return withoutRepeats(sortIssues([...loaded.issues, ...bare, ...issues]));
}

/** Without an environment: what holds in each of them. */
function asWritten({ manifests, files }: Scene): Issue[] {
  const taken = manifests.map((one) => taking(one, files));
  const all = taken.map(({ manifest }) => manifest);
  const beside = taken.flatMap(({ issues }) => issues);
  return [...beside, ...amongIssues(all), ...previousIssues(all)];
}

/** What the backends of the environments cannot see to of what the manifests ask for, once each. */
export function unenforcedIn(loaded: Loaded): string[] {
  const scene = sceneOf(loaded);
  const found = environmentsOf(loaded.documents)
    .filter(({ sound }) => sound)
    .flatMap((document) => {
      const { backend } = readEnvironment(document);
      const { manifests } = overlaid(scene, document.name);
      return Object.values(kinds).flatMap((kind) => {
        const own = manifests.filter((one) => one.kind === kind.name);
        return resourceOf(kind, backend).unenforced?.(own.map(specOf)) ?? [];
      });
    });
  return [...new Set(found)];
}

/** What the backend of two environments refuses for the same reason is said once. */
function withoutRepeats(issues: readonly Issue[]): Issue[] {
  const seen = new Set<string>();
  return issues.filter((issue) => {
    const text = textOf(issue);
    return !seen.has(text) && seen.add(text);
  });
}

/** What is wrong of manifests beside each other. */
function amongIssues(manifests: readonly Manifest[]): Issue[] {
  const picky = manifests.filter(({ kind }) => kinds[kind]?.among !== undefined);
  if (picky.length === 0) return [];
  const byAddress = new Map(manifests.map((one) => [`${one.kind}/${one.name}`, one]));
  const declared = (kind: string, name: string): Manifest | null =>
    byAddress.get(`${kind}/${name}`) ?? null;
  return picky.flatMap((one) => kinds[one.kind]?.among?.(one, declared) ?? []);
}

/** A name that something has now is not what another was called before. */
function previousIssues(manifests: readonly Manifest[]): Issue[] {
  const named = manifests.flatMap((manifest) =>
    formerNamesOf(manifest).map((old) => ({ manifest, ...old })),
  );
  if (named.length === 0) return [];
  const byAddress = new Map(manifests.map((one) => [`${one.kind}/${one.name}`, one]));
  const byFormer = groupedBy(named, ({ manifest, name }) => `${manifest.kind}/${name}`);
  return named.flatMap(({ manifest, name: old, pointer }): Issue[] => {
    const address = `${manifest.kind}/${old}`;
    const other = byAddress.get(address);
    const twin = byFormer.get(address)?.find((one) => one.manifest !== manifest)?.manifest;
    const found = other ?? twin;
    if (found === undefined) return [];
    const { file, line } = found.positions.at('/metadata/name');
    const says = found === other ? 'is declared' : `was ${old} as well`;
    const what =
      found === manifest
        ? `${old} is its name now`
        : `${found.kind}/${found.name} ${says}, in ${file}:${line}`;
    return [
      {
        code: 'previous-name',
        severity: 'error',
        at: manifest.positions.at(pointer),
        message: `metadata.previously: ${what}`,
        hint: 'write the name that the org has until this is applied, or leave it out',
      },
    ];
  });
}

/** What the backend of the environment cannot hold. */
function backendIssues(
  manifests: readonly Manifest[],
  { backend }: Environment,
  judge: Judge = judged,
): Issue[] {
  const issues = [...amongIssues(manifests), ...previousIssues(manifests)];
  for (const manifest of manifests) for (const one of judge(manifest, backend)) issues.push(one);
  const excess = manifests[MOST_OBJECTS];
  if (excess === undefined) return issues;
  return [
    ...issues,
    {
      code: 'too-many-objects',
      severity: 'error',
      at: excess.positions.at('/metadata/name'),
      message:
        `${excess.kind}/${excess.name}: there are ${manifests.length} manifests, and the org has ` +
        `room for the records of ${MOST_OBJECTS}`,
      hint: 'split them over several environments with data tables of their own',
    },
  ];
}

/** Data tables that the environments of the folder keep strategies or records in. */
function ownTables(
  { documents }: Loaded,
  manifests: readonly Manifest[],
  { backend }: Environment,
): Issue[] {
  const declared = manifests.filter(({ kind }) => {
    const home = isReconciled(kind) ? resourceOf(kindNamed(kind), backend).home : null;
    return home !== null && 'path' in home && home.path === TABLES_PATH;
  });
  if (declared.length === 0) return [];
  const keepers = new Map<string, string>();
  for (const document of environmentsOf(documents).filter(({ sound }) => sound)) {
    const { tables, name, backend: its } = readEnvironment(document);
    keepers.set(folded(tables.state), name);
    if (its === 'datatable') keepers.set(folded(tables.objects), name);
  }
  return declared.flatMap(({ kind, name, positions }): Issue[] => {
    const keeper = keepers.get(folded(name));
    if (keeper === undefined) return [];
    const message =
      `${kind}/${name}: environment ${keeper} keeps its strategies or its records in the data ` +
      'table of this name';
    const hint = 'choose another name; what is in that table follows from other manifests';
    const at = positions.at('/metadata/name');
    return [{ code: 'own-table', severity: 'error', at, message, hint }];
  });
}

type Judge = (manifest: Manifest, backend: string) => readonly Issue[];

function judged(manifest: Manifest, backend: string): readonly Issue[] {
  const kind = kinds[manifest.kind];
  return kind === undefined ? [] : (resourceOf(kind, backend).rules?.(manifest) ?? []);
}

/** What no overlay has changed is the same manifest in two hundred environments: judged once. */
function judgeOnce(): Judge {
  const known = new Map<string, Map<Manifest, readonly Issue[]>>();
  return (manifest, backend) => {
    const there = known.get(backend) ?? new Map<Manifest, readonly Issue[]>();
    known.set(backend, there);
    const issues = there.get(manifest) ?? judged(manifest, backend);
    there.set(manifest, issues);
    return issues;
  };
}

/** Each has a row in the state table; the lock of a run and the head of its log have one, too. */
const MOST_OBJECTS = TABLE_LIMITS.rows - 2;

/** What was refused while parsing is missing from the body: its absence is no second problem. */
function isEcho(issue: Issue, refused: readonly Issue[]): boolean {
  if (issue.code.startsWith('missing')) return true;
  const { line, column } = issue.at ?? {};
  return refused.some(({ at }) => at?.line === line && at?.column === column);
}

/** Envelope, schema, secrets, and the rules of the kind: one issue a place, the schema's before. */
function examine(
  document: Pick<Manifest, 'body' | 'positions'>,
  allowed: Allowed = NOTHING_MORE,
): Issue[] {
  const { body, positions } = document;
  const issues = check(body, positions);
  const manifest = { kind: kindOf(body), name: nameOf(body), body, positions };
  const semantic = rulesOf(manifest.kind, allowed)(manifest);
  if (issues.length === 0) return semantic;
  const said = new Set(issues.map(issuePlaceText));
  return [...issues, ...semantic.filter((issue) => !said.has(issuePlaceText(issue)))];
}

function rulesOf(kind: string, allowed: Allowed): (manifest: Manifest) => Issue[] {
  if (kind === 'Environment') return (manifest) => environmentRules(manifest, allowed);
  const known = isReconciled(kind) ? kinds[kind] : undefined;
  if (known === undefined) return () => [];
  return (manifest) => [...known.rules(manifest), ...writtenTwice(known, manifest)];
}

/** What counts once and is written twice. */
function writtenTwice({ fields }: Kind, manifest: Manifest): Issue[] {
  return repeatedIn(fields, specOf(manifest)).map(({ pointer, first, name, how }): Issue => {
    const { line } = manifest.positions.at(`/spec${first}`);
    const keys = pointerKeys(pointer).map((key) => (/^\d+$/.test(key) ? `[${key}]` : `.${key}`));
    const shown = name.startsWith('{') ? name : JSON.stringify(name);
    const twin =
      how === '' ? `is there already, in line ${line}` : `and that of line ${line} ${how}`;
    return {
      code: 'repeated-name',
      severity: 'error',
      at: manifest.positions.at(`/spec${pointer}`),
      message: `spec${keys.join('')}: ${shown} ${twin}`,
      hint: 'remove one of the two',
    };
  });
}

function issuePlaceText({ at }: Issue): string {
  return `${at?.line ?? 0}:${at?.column ?? 0}`;
}

function kindNamed(name: string): Kind {
  const kind = kinds[name];
  if (kind === undefined) throw new Error(`no kind is named ${name}`);
  return kind;
}

function isReconciled(kind: string): boolean {
  return Object.hasOwn(kinds, kind);
}

/** What every environment begins with. */
interface Scene {
  /** Sound, of the reconciled kinds, sorted by kind and name. */
  readonly manifests: readonly LoadedDocument[];
  /** By environment and then by target, in the order of their names. */
  readonly overlays: ReadonlyMap<string, ReadonlyMap<string, readonly LoadedDocument[]>>;
  readonly files: NonNullable<Loaded['files']>;
}

function sceneOf({ documents, files = new Map() }: Loaded): Scene {
  const manifests = documents.filter(({ sound, kind }) => sound && isReconciled(kind));
  manifests.sort((a, b) => byText(a.kind, b.kind) || byText(a.name, b.name));
  return { manifests, overlays: overlaysIn(documents), files };
}

/** The manifests of an environment, and what its overlays do wrong. */
function overlaid(
  { manifests, overlays, files }: Scene,
  environment: string,
): { readonly manifests: readonly Manifest[]; readonly issues: Issue[] } {
  const issues: Issue[] = [];
  const own = overlays.get(environment);
  const left =
    own === undefined
      ? manifests
      : manifests.flatMap(
          (one) => patched(one, own.get(`${one.kind}/${one.name}`) ?? [], issues) ?? [],
        );
  const taken = left.map((one) => taking(one, files));
  for (const one of taken) issues.push(...one.issues);
  return { manifests: taken.map(({ manifest }) => manifest), issues };
}

const TAKEN = new WeakMap<LoadedDocument, Taken>();

/** With what it has in a file beside it. */
export function withRowsBeside(document: LoadedDocument, { files = new Map() }: Loaded): Manifest {
  return taking(document, files).manifest;
}

/** With what it has in a file beside it, and what the kind says of that; found out once. */
function taking(document: LoadedDocument, files: Scene['files']): Taken {
  const kind = kindNamed(document.kind);
  if (kind.tabular === undefined) return { manifest: document, issues: [] };
  const known = TAKEN.get(document);
  if (known !== undefined) return known;
  const { manifest, issues } = takenIn(document, kind.tabular, files);
  const isSame = manifest === document;
  const said = new Set(isSame ? [] : kind.rules(document).map(textOf));
  const own = isSame ? [] : kind.rules(manifest).filter((one) => !said.has(textOf(one)));
  const secrets = isSame ? [] : secretsIn(manifest, kind.tabular.list);
  const taken = { manifest, issues: [...issues, ...own, ...secrets] };
  TAKEN.set(document, taken);
  return taken;
}

/** What stands in a file beside a manifest is as much in git. */
function secretsIn({ body, positions }: Manifest, list: string): Issue[] {
  const spec = `/spec${list}`;
  const found = [...secretPointers(body)].filter(([pointer]) => pointer.startsWith(`${spec}/`));
  return secretIssues(new Map(found), positions);
}

/** Null, and issues, where the overlays leave no valid manifest. */
function patched(
  document: LoadedDocument,
  overlays: readonly LoadedDocument[],
  issues: Issue[],
): LoadedDocument | null {
  if (overlays.length === 0) return document;
  let current: LoadedDocument = document;
  let isWhole = true;
  for (const overlay of overlays) {
    const result = applyOverlay(current, overlay);
    if ('issues' in result) {
      issues.push(...result.issues);
      // What the others do is told all the same: each by itself is wrong, or is not.
      isWhole = false;
    } else current = { ...current, ...result };
  }
  if (overlays.length > 1) issues.push(...overruled(overlays));
  const known = new Set(examine(document).map(textOf));
  const own = examine(current).filter((issue) => !known.has(textOf(issue)));
  issues.push(...own.map((issue) => ledToBy(issue, document, overlays)));
  return isWhole && !hasErrors(own) ? current : null;
}

/** Where the place is the manifest's, nothing else says that an overlay has made it wrong. */
function ledToBy(
  issue: Issue,
  { positions }: LoadedDocument,
  overlays: readonly LoadedDocument[],
): Issue {
  const { at, message } = issue;
  // Of documents of one file it is in the last that has begun there.
  const begun = (all: TreePositions): number => {
    const { file, line } = all.at('');
    return at !== null && file === at.file && line <= at.line ? line : 0;
  };
  const own = begun(positions);
  const isTheirs = overlays.some((one) => begun(one.positions) > own);
  if (isTheirs) return issue;
  const names = overlays.map(({ name }) => `Overlay/${name}`).join(', ');
  const say = overlays.length === 1 ? 'says' : 'say';
  return { ...issue, message: `${message}, by what ${names} ${say}` };
}

function textOf({ code, message, at }: Issue): string {
  const { file = '', line = 0, column = 0 } = at ?? {};
  return `${code} ${file}:${line}:${column} ${message}`;
}

/** Overlays of one manifest apply in the order of their names. */
function overlaysIn(
  documents: readonly LoadedDocument[],
): Map<string, Map<string, LoadedDocument[]>> {
  const found = new Map<string, Map<string, LoadedDocument[]>>();
  const overlays = documents.filter(({ kind, sound }) => sound && kind === 'Overlay');
  for (const overlay of overlays.sort((a, b) => byText(a.name, b.name))) {
    const { environment, target } = overlaySpec(overlay);
    const byTarget = found.get(environment) ?? new Map<string, LoadedDocument[]>();
    found.set(environment, byTarget);
    const address = `${target.kind}/${target.name}`;
    const list = byTarget.get(address);
    if (list === undefined) byTarget.set(address, [overlay]);
    else list.push(overlay);
  }
  return found;
}

function environmentsOf(documents: readonly LoadedDocument[]): LoadedDocument[] {
  return documents.filter(({ kind, name }) => kind === 'Environment' && name !== '');
}

function choose(
  { documents }: Loaded,
  wanted: string | undefined,
): { readonly document: LoadedDocument } | { readonly issue: Issue } {
  const environments = environmentsOf(documents);
  const names = [...new Set(environments.map(({ name }) => name))].sort();
  const document =
    wanted === undefined && names.length === 1
      ? environments[0]
      : environments.find(({ name }) => name === wanted);
  if (document !== undefined) return { document };
  const refusal = (code: string, message: string, hint: string): { issue: Issue } => ({
    issue: { code, severity: 'error', at: null, message, hint },
  });
  if (names.length === 0) {
    const message = 'there is no Environment among the manifests';
    return refusal(
      'no-environment',
      message,
      'strategos init writes one; or write a manifest of kind Environment',
    );
  }
  const list = names.join(', ');
  if (wanted === undefined) {
    const message = `there are ${names.length} environments: ${list}`;
    return refusal('environment-not-chosen', message, 'choose one with --env NAME');
  }
  const hint = suggestion(wanted, names) ?? `there are: ${list}`;
  const message = `there is no Environment named ${JSON.stringify(wanted)}`;
  return refusal('unknown-environment', message, hint);
}

/** That there is no Environment of that name; nothing where there is, or none was asked for. */
export function strangeEnvironment(loaded: Loaded, wanted: string | undefined): Issue[] {
  if (wanted === undefined) return [];
  const chosen = choose(loaded, wanted);
  return 'issue' in chosen ? [chosen.issue] : [];
}

/** Two manifests of one kind and name: said at both places, because either may be the mistake. */
function repeatedNames(documents: readonly LoadedDocument[]): Issue[] {
  const byAddress = new Map<string, LoadedDocument[]>();
  for (const document of documents) {
    if (document.name === '' || document.kind === '') continue;
    const address = `${document.kind}/${document.name}`;
    const list = byAddress.get(address);
    if (list === undefined) byAddress.set(address, [document]);
    else list.push(document);
  }
  const issues: Issue[] = [];
  for (const [address, list] of byAddress) {
    if (list.length < 2) continue;
    for (const [index, document] of list.entries()) {
      const other = list[index === 0 ? 1 : 0]?.positions.at('/metadata/name');
      issues.push({
        code: 'duplicate-name',
        severity: 'error',
        at: document.positions.at('/metadata/name'),
        message: `${address}: the name is used twice, also in ${other?.file}:${other?.line}`,
        hint: 'rename one of the two, or remove it',
      });
    }
  }
  return issues;
}

/** Names of one kind that a person, or a look-up by name, takes for the same. */
function similarNames(documents: readonly Manifest[]): Issue[] {
  const byFold = new Map<string, Manifest[]>();
  for (const document of documents) {
    if (document.name === '' || document.kind === '') continue;
    const key = `${document.kind}/${folded(document.name)}`;
    const list = byFold.get(key);
    if (list === undefined) byFold.set(key, [document]);
    else list.push(document);
  }
  return [...byFold.values()].flatMap((list) =>
    list.flatMap((document): Issue[] => {
      const other = list.find(({ name }) => name !== document.name);
      if (other === undefined) return [];
      const { kind, name, positions } = document;
      const place = other.positions.at('/metadata/name');
      const both = `its name and ${JSON.stringify(other.name)} in ${place.file}:${place.line}`;
      return [
        {
          code: 'similar-name',
          severity: 'error',
          at: positions.at('/metadata/name'),
          message: `${kind}/${name}: ${both} ${twinText(name, other.name)}`,
          hint: 'rename one of the two, or remove it',
        },
      ];
    }),
  );
}

/** Overlays whose environment or target does not exist. */
function danglingOverlays(documents: readonly LoadedDocument[]): Issue[] {
  const issues: Issue[] = [];
  // Whatever else is wrong with an overlay: what it is for is told by itself.
  const overlays = documents.filter(({ kind }) => kind === 'Overlay');
  if (overlays.length === 0) return issues;
  const environments = environmentsOf(documents).map(({ name }) => name);
  const names = new Map<string, Set<string>>(Object.keys(kinds).map((kind) => [kind, new Set()]));
  for (const { kind, name } of documents) names.get(kind)?.add(name);
  for (const overlay of overlays) {
    const { environment, kind, name } = aimOf(overlay);
    const add = (code: string, at: string, what: string, word: string, known: string[]): void => {
      issues.push({
        code,
        severity: 'error',
        at: overlay.positions.at(at),
        message: `Overlay/${overlay.name}: ${what}`,
        hint: suggestion(word, known) ?? knownHint(known),
      });
    };
    if (environment !== null && !environments.includes(environment)) {
      const what = `there is no Environment named ${JSON.stringify(environment)}`;
      add('unknown-environment', '/spec/environment', what, environment, environments);
    }
    if (kind === null) continue;
    const targets = names.get(kind);
    if (targets === undefined) {
      const what = `a manifest of kind ${JSON.stringify(kind)} cannot be patched`;
      add('overlay-target-kind', '/spec/target/kind', what, kind, Object.keys(kinds));
    } else if (name !== null && !targets.has(name)) {
      const what = `there is no ${kind} named ${JSON.stringify(name)}`;
      add('overlay-target-missing', '/spec/target/name', what, name, [...targets]);
    }
  }
  return issues;
}

interface Aim {
  readonly environment: string | null;
  readonly kind: string | null;
  readonly name: string | null;
}

/** What an overlay is for, as far as it says so. */
function aimOf({ body }: LoadedDocument): Aim {
  const { environment, target } = isObject(body['spec']) ? body['spec'] : {};
  const { kind, name } = isObject(target) ? target : {};
  const said = (value: Json | undefined): string | null =>
    typeof value === 'string' && value !== '' ? value : null;
  return { environment: said(environment), kind: said(kind), name: said(name) };
}

function knownHint(known: readonly string[]): string {
  const shown = [...new Set(known)].sort().slice(0, 10).join(', ');
  return shown === '' ? 'none was read; give its file too' : `there are: ${shown}`;
}
