import type { Issue } from '../../src/core/issue.js';
import { loadManifests, validateAll } from '../../src/manifest/load.js';

/** An issue as these tests write it: `file:line:col code message (hint)`. */
export function issueText({ at, severity, code, message, hint }: Issue): string {
  const place = at === null ? '-' : `${at.file}:${at.line}:${at.column}`;
  const mark = severity === 'warning' ? ' warning' : '';
  return `${place}${mark} ${code} ${message}${hint === undefined ? '' : ` (${hint})`}`;
}

export function source(text: string, path = 'm.yaml') {
  return { path, bytes: new TextEncoder().encode(text) };
}

/** Everything that is wrong with these files, by path. */
export function issuesOf(files: Readonly<Record<string, string>> | string): string[] {
  const all = typeof files === 'string' ? { 'm.yaml': files } : files;
  const sources = Object.entries(all).map(([path, text]) => source(text, path));
  return validateAll(loadManifests(sources)).map(issueText);
}

/** A RoutingStrategy; its spec begins in line 5. */
export function strategy(spec: string, name = 'x'): string {
  const metadata = `metadata: { name: ${name} }`;
  return `apiVersion: strategos/v1\nkind: RoutingStrategy\n${metadata}\nspec:\n${spec}`;
}

/** An Environment; its spec goes on in line 6. */
export function environment(spec = '', name = 'prod'): string {
  const head = `apiVersion: strategos/v1\nkind: Environment\nmetadata: { name: ${name} }\n`;
  return `${head}spec:\n  backend: datatable\n${spec}`;
}

/** An Overlay on RoutingStrategy/x in prod; its operations begin in line 8. */
export function overlay(patch: string, name = 'o', target = 'x'): string {
  const head = `apiVersion: strategos/v1\nkind: Overlay\nmetadata: { name: ${name} }\n`;
  const spec = `  environment: prod\n  target: { kind: RoutingStrategy, name: ${target} }\n`;
  return `${head}spec:\n${spec}  patch:\n${patch}`;
}

export const TARGETS = '  targets:\n    - { queue: A, capacity: 1 }\n';

export const DEEP = 'nested-too-deep nested more than 64 levels deep (8 levels are enough)';
