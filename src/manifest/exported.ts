/**
 * What an org has, as files of a folder that may have manifests already: the document of an object
 * is amended where it says something else, and left alone where it says the same.
 */
import type { Catalog } from '../core/catalog.js';
import { byText, type Location } from '../core/issue.js';
import { isObject, textOf, type JsonObject } from '../core/json.js';
import { specOf } from '../core/manifest.js';
import type { SourceFile } from '../core/source.js';
import type { Address, Manifest } from '../core/types.js';
import { kinds } from '../kinds/index.js';
import { amended, amendmentOf } from './amendment.js';
import { amendedText, joined, ownText, partsOf, type Part } from './edit.js';
import { bundle, type Loaded, type LoadedDocument } from './load.js';
import { overlaySpec } from './overlay.js';
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
  /** Whose overlays hold. */
  readonly environment: string;
  readonly catalog: Catalog;
  /** Documents of `there` that are to go. */
  readonly gone: ReadonlySet<LoadedDocument>;
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
  const templates = new Templates(request.elsewhere);
  const { folderOf = () => '' } = request;
  const names = new Map<string, Set<string>>();
  const takenIn = (folder: string): Set<string> => {
    const taken = names.get(folder) ?? new Set(namesIn(folder, there));
    names.set(folder, taken);
    return taken;
  };
  for (const one of said) {
    const { address } = one.live;
    const document = documents.get(address);
    if (document === undefined) {
      const folder = folderOf(one.live.kind);
      const name = fileName(one.live.name, takenIn(folder));
      const { path, comment } = place(one.live.kind, folder === '' ? name : `${folder}/${name}`);
      const { text, body } = templates.of(one, request.catalog);
      files.add({ path, text: comment + text, body });
      continue;
    }
    files.touch(document);
    const why = amend(one, document, effective.get(address) ?? document, request, files);
    if (why !== null) left.push({ address, at: document.positions.at(''), why });
  }
  for (const document of gone) files.remove(document);
  return { files: files.all(), left };
}

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
  { catalog }: ExportRequest,
  files: Files,
): string | null {
  const kind = kinds[live.kind];
  if (kind === undefined) return null;
  const wanted = specOf({ body });
  const amendment = amendmentOf(kind, effective, live, wanted, catalog);
  if (amendment === null) return null;
  if (effective !== document) return 'an overlay changes what it says here';
  const text = amendedText(files.textOf(document), amendment);
  if (text === null) return 'what is written there cannot be changed without changing more';
  files.set(document, text);
  return null;
}

/** What an environment makes of the documents that its overlays patch. */
function effectiveIn({ there, environment }: ExportRequest): ReadonlyMap<string, Manifest> {
  const targets = new Set(
    there.loaded.documents
      .filter(({ kind, sound }) => kind === 'Overlay' && sound)
      .map(overlaySpec)
      .filter((overlay) => overlay.environment === environment)
      .map(({ target }) => `${target.kind}/${target.name}`),
  );
  if (targets.size === 0) return new Map();
  const { manifests } = bundle(there.loaded, environment);
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

  constructor(elsewhere: ExportRequest['elsewhere']) {
    this.#documents = byAddress(elsewhere);
    this.#files = new Files(elsewhere.sources);
  }

  /** With what a person has written of it, where that can be amended. */
  of({ live, body }: Said, catalog: Catalog): { readonly text: string; readonly body: JsonObject } {
    const document = this.#documents.get(live.address);
    const kind = kinds[live.kind];
    if (document === undefined || kind === undefined || !document.sound) return plain(body);
    const text = ownText(this.#files.textOf(document)).replaceAll('\r\n', '\n');
    const amendment = amendmentOf(kind, document, live, specOf({ body }), catalog);
    if (amendment === null) return { text, body: document.body };
    const changed = amendedText(text, amendment);
    if (changed === null) return plain(body);
    const spec = amended(document.body['spec'], amendment);
    return { text: changed, body: { ...document.body, spec } };
  }
}

function plain(body: JsonObject): { readonly text: string; readonly body: JsonObject } {
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
