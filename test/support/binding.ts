/** Kinds as an environment of a test binds them. */
import type { Kind } from '../../src/core/kind.js';
import { bind, type Asked, type Binding } from '../../src/engine/bind.js';
import { reconciledKinds } from '../../src/kinds/index.js';
import { routingStrategy } from '../../src/kinds/routing-strategy/index.js';

/** The backend of an environment, and the names of its data tables. */
export interface Backend {
  readonly name: string;
  readonly tables: Binding['tables'];
}

export const KIND_NAMES = reconciledKinds.map(({ name }) => name);

/** Strategies alone, unless other kinds are given. */
export function bindingFor(
  { name, tables }: Backend,
  kinds: readonly Kind[] = [routingStrategy],
  asked: Asked = {},
): Binding {
  return bind(kinds, { backend: name, tables }, asked);
}
