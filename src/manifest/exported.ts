/**
 * What an org has, as files of a folder that may have manifests already: the document of an object
 * is amended where it says something else, and left alone where it says the same.
 */
import type { Catalog } from '../core/catalog.js';
import { byText, type Location } from '../core/issue.js';
import { isObject, pointerKeys, textOf, type JsonObject } from '../core/json.js';
import type { Kind } from '../core/kind.js';
import { specOf } from '../core/manifest.js';
import type { SourceFile } from '../core/source.js';
import type { Address, Manifest } from '../core/types.js';
import { kinds } from '../kinds/index.js';
import { amended, amendmentOf, type Amendment } from './amendment.js';
import { amendedText, joined, ownText, partsOf, type Part } from './edit.js';
import {
  bundle,
  problemsAmong,
  withRowsBeside,
  type Loaded,
  type LoadedDocument,
  type Problem,
} from './load.js';
import { overlaySpec } from './overlay.js';
import {
  bodyWithIds,
  everyProblemOf,
  isOfName,
  sayable,
  twinsAmong,
  type Cut,
  type IsUnnamed,
  type Named,
  type Unsayable,
} from './sayable.js';
import type { Environment } from './settings.js';
import { documentText, fileName, type Said } from './write.js';

/** Files of a folder, as they are and as they were understood. */
export interface Folder {
  readonly sources: readonly SourceFile[];
  readonly loaded: Loaded;
}

export interface ExportedFile {
  /** As the paths of sources are. */
  readonly path: string;
  /** Empty where nothing is left of the file. */
  readonly text: string;
  readonly isNew: boolean;
  /** What a new file says, for whoever judges it without parsing it. */
  readonly body?: JsonObject;
}

export interface Exported {
  /** Every file that is about what was exported, those that stay as they are too. */
  readonly files: readonly ExportedFile[];
  /** Objects whose manifest says something else and could not be amended. */
  readonly left: readonly Left[];
  /** Objects that no manifest can say. */
  readonly out: readonly LeftOut[];
  /** Values of those that are written which no manifest can say. */
  readonly cuts: readonly Cut[];
}

export interface LeftOut {
  readonly address: Address;
  readonly why: Problem;
  /** What of a manifest there is, for a person to complete and to call as one. */
  readonly unfinished?: Pick<ExportedFile, 'path' | 'text'>;
}

export interface Left {
  readonly address: Address;
  readonly at: Location;
  readonly why: string;
}

export interface ExportRequest {
  readonly said: readonly Said[];
  /** Where the files are to be. */
  readonly there: Folder;
  /** What is taken for a new file: the document that another folder has of the object. */
  readonly elsewhere: Loaded & Pick<Folder, 'sources'>;
  /** Whose overlays hold, and whose backend. */
  readonly environment: Environment;
  readonly catalog: Catalog;
  /** Documents of `there` that are to go. */
  readonly gone: ReadonlySet<LoadedDocument>;
  /** Files of the folder itself that are about to be written beside these. */
  readonly reserved?: readonly string[];
  /** The folder of new manifests of a kind, from that of the export; empty for this one itself. */
  readonly folderOf?: (kind: string) => string;
  /** The file of a new manifest, by its kind and a name for it; and its schema comment. */
  readonly place: (kind: string, file: string) => { path: string; comment: string };
}

export function exported(request: ExportRequest): Exported {
  const { said, there, gone, place } = request;
  const files = new Files(there.sources);
  const left: Left[] = [];
  const documents = byAddress(there.loaded);
  const effective = effectiveIn(request);
  const { folderOf = () => '', reserved = [] } = request;
  const names = new Map<string, Set<string>>();
  const takenIn = (folder: string): Set<string> => {
    const taken =
      names.get(folder) ?? new Set([...namesIn(folder, there), ...(folder === '' ? reserved : [])]);
    names.set(folder, taken);
    return taken;
  };
  const { made, out, cuts } = madeAnew(
    said.filter(({ live }) => !documents.has(live.address)),
    request,
  );
  const unfinished: LeftOut[] = [];
  for (const one of said) {
    const { kind, name, address } = one.live;
    const document = documents.get(address);
    if (document !== undefined) {
      files.touch(document);
      const why = amend(one, document, effective.get(address) ?? document, request, files);
      if (why !== null) left.push({ address, at: document.positions.at(''), why });
      continue;
    }
    const anew = made.get(address) ?? out.get(address)?.draft;
    if (anew === undefined) continue;
    const folder = folderOf(kind);
    const file = fileName(name, takenIn(folder));
    const { path, comment } = place(kind, folder === '' ? file : `${folder}/${file}`);
    const text = comment + anew.text;
    const why = out.get(address)?.why;
    if (why === undefined) files.add({ path, text, body: anew.body });
    else unfinished.push({ address, why, unfinished: { path: `${path}.unfinished`, text } });
  }
  for (const document of gone) files.remove(document);
  const whole = [...out].flatMap(([address, { why, draft }]) =>
    draft === undefined ? [{ address, why }] : [],
  );
  const leftOut = [...whole, ...unfinished].sort((a, b) => byText(a.address, b.address));
  return { files: files.all(), left, out: leftOut, cuts };
}

interface Draft {
  readonly text: string;
  readonly body: JsonObject;
}

interface Anew {
  readonly made: ReadonlyMap<Address, Draft>;
  readonly out: ReadonlyMap<Address, { readonly why: Problem; readonly draft?: Draft }>;
  readonly cuts: readonly Cut[];
}

/** New manifests, and of what none can be made the reason. */
function madeAnew(said: readonly Said[], request: ExportRequest): Anew {
  const { there, catalog, environment } = request;
  const templates = new Templates(request.elsewhere, environment.backend);
  const anew = said.map((one) => ({ one, what: templates.of(one, catalog) }));
  const unnamed = new Map<Address, Problem>(twinsAmong(said, namesOf(there)));
  for (const { one, what } of anew) {
    if ('why' in what && isOfName(what.why)) unnamed.set(one.live.address, what.why);
  }
  // Somebody will call it otherwise: an id goes on meaning it.
  const isUnnamed: IsUnnamed = (to, name) => unnamed.has(`${KIND_BEHIND.get(to) ?? to}/${name}`);
  const out = new Map<Address, { why: Problem; draft?: Draft }>();
  const made = new Map<Address, Draft>();
  const cuts: Cut[] = [];
  for (const { one, what: first } of anew) {
    const { address } = one.live;
    const nameless = unnamed.get(address);
    const what = unnamed.size === 0 ? first : templates.of(one, catalog, isUnnamed);
    if (nameless !== undefined) out.set(address, { why: nameless });
    else if ('why' in what) {
      const draft = what.isUnfinished ? { draft: plain(one.body) } : {};
      out.set(address, { why: what.why, ...draft });
    } else {
      made.set(address, what);
      cuts.push(...what.cuts);
    }
  }
  const bodies = [...made.values()].map(({ body }) => body);
  for (const [address, why] of problemsAmong(bodies, there.loaded, environment)) {
    made.delete(address as Address);
    out.set(address as Address, { why });
  }
  return { made, out, cuts: cuts.filter(({ address }) => made.has(address)) };
}

function namesOf({ loaded }: Folder): readonly Named[] {
  return loaded.documents.filter(({ kind, name }) => kind !== '' && name !== '');
}

const KIND_BEHIND: ReadonlyMap<string, string> = new Map(
  Object.values(kinds).flatMap(({ name, refType }) =>
    refType === undefined ? [] : [[refType, name] as const],
  ),
);

/** Names of files that a new one may not have; in no folder of its own, those of every folder. */
function namesIn(folder: string, { sources }: Folder): string[] {
  return sources.flatMap(({ path }) => {
    const [name = '', ...above] = path.toLowerCase().split('/').reverse();
    return folder === '' || above[0] === folder ? [name] : [];
  });
}

/** Why the document cannot be amended; `null` where it says now what the org has. */
function amend(
  { live, body }: Said,
  document: LoadedDocument,
  effective: Manifest,
  { catalog, environment, there }: ExportRequest,
  files: Files,
): string | null {
  const kind = kinds[live.kind];
  if (kind === undefined) return null;
  const wanted = specOf({ body });
  const isAsWritten = effective === document;
  const whole = isAsWritten ? withRowsBeside(document, there.loaded) : effective;
  const amendment = amendmentOf(kind, whole, live, wanted, catalog);
  if (amendment === null) return null;
  if (!isAsWritten) return 'an overlay changes what it says here';
  const [wrong] = problemsWith(document, amendment, environment.backend);
  if (wrong !== undefined) return `no manifest can say what the org has: ${wrong.message}`;
  const text = amendedText(files.textOf(document), amendment);
  if (text === null) return 'what is written there cannot be changed without changing more';
  files.set(document, text);
  return null;
}

/** What the amendment would make wrong with a document that was sound. */
function problemsWith(document: LoadedDocument, amendment: Amendment, backend: string): Problem[] {
  const { body, sound } = document;
  if (!sound) return [];
  return everyProblemOf({ ...body, spec: amended(body['spec'], amendment) }, backend);
}

/** What an environment makes of the documents that its overlays patch. */
function effectiveIn({ there, environment }: ExportRequest): ReadonlyMap<string, Manifest> {
  const targets = new Set(
    there.loaded.documents
      .filter(({ kind, sound }) => kind === 'Overlay' && sound)
      .map(overlaySpec)
      .filter((overlay) => overlay.environment === environment.name)
      .map(({ target }) => `${target.kind}/${target.name}`),
  );
  if (targets.size === 0) return new Map();
  const { manifests } = bundle(there.loaded, environment.name);
  const patched = manifests.filter(({ kind, name }) => targets.has(`${kind}/${name}`));
  return new Map(patched.map((one) => [`${one.kind}/${one.name}`, one]));
}

export function byAddress({ documents }: Loaded): Map<string, LoadedDocument> {
  // Of two of one name the first: validation says that there are two.
  return new Map(documents.toReversed().map((one) => [`${one.kind}/${one.name}`, one]));
}

/** Files by their parts, of which some change. */
class Files {
  readonly #sources: ReadonlyMap<string, SourceFile>;
  readonly #parts = new Map<string, { all: readonly Part[]; left: Part[] }>();
  readonly #new: ExportedFile[] = [];

  constructor(sources: readonly SourceFile[]) {
    this.#sources = new Map(sources.map((one) => [one.path, one]));
  }

  add(file: Omit<ExportedFile, 'isNew'>): void {
    this.#new.push({ ...file, isNew: true });
  }

  /** The file is about something that was exported. */
  touch({ positions }: LoadedDocument): void {
    this.#of(positions);
  }

  textOf(document: LoadedDocument): string {
    return this.#part(document)?.text ?? '';
  }

  set(document: LoadedDocument, text: string): void {
    const { left } = this.#of(document.positions);
    const { at } = document.positions.root;
    for (const [index, part] of left.entries()) if (part.at === at) left[index] = { text, at };
  }

  remove(document: LoadedDocument): void {
    const file = this.#of(document.positions);
    file.left = file.left.filter(({ at }) => at !== document.positions.root.at);
  }

  all(): ExportedFile[] {
    const known = [...this.#parts].map(([path, { all, left }]) => {
      const isSame = left.every((part, index) => part === all[index]) && left.length === all.length;
      const before = decoded(this.#sources.get(path));
      const mark = before.startsWith(MARK) ? MARK : '';
      const after = joined(left, all);
      return { path, text: isSame ? before : after === '' ? '' : mark + after, isNew: false };
    });
    return [...known, ...this.#new].sort((a, b) => byText(a.path, b.path));
  }

  #part(document: LoadedDocument): Part | undefined {
    const { left } = this.#of(document.positions);
    return left.find(({ at }) => at === document.positions.root.at);
  }

  #of({ lines, root }: LoadedDocument['positions']): { all: readonly Part[]; left: Part[] } {
    const path = lines.file;
    const known = this.#parts.get(path);
    if (known !== undefined) return known;
    const text = withoutMark(decoded(this.#sources.get(path)));
    // Most files have one document, which was parsed already.
    const all = /^(?:---|\.\.\.|%)/m.test(text) ? partsOf(text) : [{ text, at: root.at }];
    const file = { all, left: [...all] };
    this.#parts.set(path, file);
    return file;
  }
}

/** A byte order mark. */
const MARK = '\ufeff';

function withoutMark(text: string): string {
  return text.startsWith(MARK) ? text.slice(MARK.length) : text;
}

function decoded(source: SourceFile | undefined): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(source?.bytes ?? new Uint8Array());
}

/** Documents of another folder, for objects that this one has no document of. */
class Templates {
  readonly #documents: ReadonlyMap<string, LoadedDocument>;
  readonly #files: Files;
  readonly #loaded: Loaded;

  constructor(
    elsewhere: ExportRequest['elsewhere'],
    private readonly backend: string,
  ) {
    this.#loaded = elsewhere;
    this.#documents = byAddress(elsewhere);
    this.#files = new Files(elsewhere.sources);
  }

  /** With what a person has written of it, where that can be amended. */
  of(
    { live, body }: Said,
    catalog: Catalog,
    isUnnamed?: IsUnnamed,
  ): (Draft & { readonly cuts: readonly Cut[] }) | Unsayable {
    const byIds = isUnnamed === undefined ? null : bodyWithIds({ live, body }, catalog, isUnnamed);
    const said = { live, body: byIds ?? body };
    const found = this.#written(said, catalog);
    if (found !== null) return { ...found, cuts: [] };
    const what = sayable(said, this.backend, catalog, isUnnamed);
    return 'why' in what ? what : { ...plain(what.body), cuts: what.cuts };
  }

  #written({ live, body }: Said, catalog: Catalog): Draft | null {
    const document = this.#documents.get(live.address);
    const kind = kinds[live.kind];
    if (document === undefined || kind === undefined || !document.sound) return null;
    const text = ownText(this.#files.textOf(document)).replaceAll('\r\n', '\n');
    const whole = withRowsBeside(document, this.#loaded);
    const wanted = specOf({ body });
    const inside = whole === document ? null : listInside(kind, specOf(whole), wanted);
    const amendment = joinedWith(amendmentOf(kind, whole, live, wanted, catalog), inside);
    if (amendment === null) return { text, body: document.body };
    if (problemsWith(document, amendment, this.backend).length > 0) return null;
    const changed = amendedText(text, amendment);
    if (changed === null) return null;
    const spec = amended(document.body['spec'], amendment);
    return { text: changed, body: { ...document.body, spec } };
  }
}

/** A list that stands in a file beside its manifest, for one that will stand elsewhere. */
function listInside(
  kind: Kind,
  spec: JsonObject,
  wanted: JsonObject,
): ReadonlyMap<string, Amendment | 'left out'> | null {
  const [key] = pointerKeys(kind.tabular?.list ?? '');
  if (key === undefined) return null;
  const value = (kind.inModeOf?.(spec, wanted) ?? wanted)[key];
  return new Map([[key, value === undefined ? 'left out' : { is: 'value', value }]]);
}

function joinedWith(
  amendment: Amendment | null,
  more: ReadonlyMap<string, Amendment | 'left out'> | null,
): Amendment | null {
  if (more === null) return amendment;
  const keys = amendment?.is === 'record' ? amendment.keys : [];
  return { is: 'record', keys: new Map([...keys, ...more]) };
}

function plain(body: JsonObject): Draft {
  return { text: documentText(body), body };
}

/** The Environment with that owner, as a person wrote it where somebody did. */
export function environmentText(
  folder: Pick<Folder, 'sources'>,
  { body, positions }: Pick<LoadedDocument, 'body' | 'positions'>,
  owner: string | null,
): string {
  const spec = isObject(body['spec']) ? body['spec'] : {};
  const named: JsonObject = owner === null ? body : { ...body, spec: { ...spec, owner } };
  const files = new Files(folder.sources);
  const own = ownText(files.textOf({ positions } as LoadedDocument)).replaceAll('\r\n', '\n');
  if (own === '') return documentText(named);
  if (owner === null || textOf(spec['owner'] ?? '') === owner) return own;
  const keys = new Map([['owner', { is: 'value', value: owner } as const]]);
  return amendedText(own, { is: 'record', keys }) ?? documentText(named);
}
