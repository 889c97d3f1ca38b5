/** Strategies below /api/v2/routing/strategies, read and changed without the code under test. */
import { isObject, objectsIn, textOf, type Json, type JsonObject } from '../../src/core/json.js';
import type { Clock, Writer } from '../../src/engine/ports.js';
import type { Request, Spec, Strategies } from './world.js';

const ROOT = '/api/v2/routing/strategies';
const ITEM = /\/routing\/strategies\/[^/]+$/;

export class ApiStrategies implements Strategies {
  constructor(
    private readonly person: Writer,
    private readonly clock: Clock,
  ) {}

  raw(): Promise<JsonObject[]> {
    return this.person.list(ROOT, 100);
  }

  async all(): Promise<Record<string, Spec>> {
    const [entities, names] = await Promise.all([this.raw(), this.names()]);
    return Object.fromEntries(entities.map((one) => [textOf(one['name']), specOf(one, names)]));
  }

  async make(name: string, { status = 'active', ...content }: Spec): Promise<void> {
    // Leaving it out is how a new strategy has no fallback.
    const { fallback, ...rest } = content;
    const said = fallback == null ? rest : content;
    const body = { name, status: 'draft', targets: [], ...(await this.bodyOf(said)) };
    await this.person.send({ method: 'POST', path: ROOT, body });
    if (status === 'active') await this.edit(name, { status });
  }

  type(name: string, spec: Spec): Promise<void> {
    return this.make(name, spec);
  }

  async edit(name: string, { status, ...content }: Spec): Promise<void> {
    const path = await this.itemPath(name);
    const asked = status === undefined ? {} : { status };
    const body = { ...asked, ...(await this.bodyOf(content)) };
    await this.person.send({ method: 'PUT', path, body });
    if (status !== 'active') return;
    for (let tries = 0; (await this.all())[name]?.['status'] === 'activating'; tries += 1) {
      if (tries > 100) throw new Error(`${name} does not become active`);
      await this.clock.sleep(100);
    }
  }

  async remove(name: string): Promise<void> {
    await this.person.send({ method: 'DELETE', path: await this.itemPath(name) });
  }

  request(write: 'create' | 'activate' | 'update' | 'delete'): Promise<Request> {
    const methods = { create: 'POST', activate: 'PUT', update: 'PUT', delete: 'DELETE' } as const;
    const path = write === 'create' ? /\/routing\/strategies$/ : ITEM;
    return Promise.resolve({ method: methods[write], path });
  }

  private async itemPath(name: string): Promise<string> {
    const found = (await this.raw()).find((one) => one['name'] === name);
    if (found === undefined) throw new Error(`the org has no strategy ${name}`);
    return `${ROOT}/${textOf(found['id'])}`;
  }

  /** Id → name of queues and skills. */
  private async names(): Promise<ReadonlyMap<string, string>> {
    const [queues, skills] = await Promise.all([this.person.queues(), this.person.skills()]);
    return new Map([...queues, ...skills].map(({ id, name }) => [id, name]));
  }

  private async bodyOf({ selection, targets, fallback }: Spec): Promise<JsonObject> {
    const names = await this.names();
    const idOf = (name: Json | undefined): string => {
      const found = [...names].find(([, one]) => one === name);
      if (found === undefined) throw new Error(`the org has no queue or skill ${textOf(name)}`);
      return found[0];
    };
    const placed = ({ queue, ...rest }: JsonObject): JsonObject => ({ id: idOf(queue), ...rest });
    const skills = isObject(selection) ? objectsIn(selection['skills']) : [];
    const asked = skills.map(({ skill, required = true }) => ({ skillId: idOf(skill), required }));
    return {
      ...(selection === undefined ? {} : { selectionCriteria: { skills: asked } }),
      ...(targets === undefined ? {} : { targets: objectsIn(targets).map(placed) }),
      ...(isObject(fallback) ? { fallback: { queue: placed(fallback) } } : {}),
      ...(fallback === null ? { fallback } : {}),
    };
  }
}

function specOf(entity: JsonObject, names: ReadonlyMap<string, string>): Spec {
  const { status = null, selectionCriteria, targets, fallback } = entity;
  const nameOf = (id: Json | undefined): string => names.get(textOf(id)) ?? `gone: ${textOf(id)}`;
  const placed = ({ id, ...rest }: JsonObject): JsonObject => ({ queue: nameOf(id), ...rest });
  const skills = isObject(selectionCriteria) ? objectsIn(selectionCriteria['skills']) : [];
  const beside = isObject(fallback) ? fallback['queue'] : null;
  return {
    status,
    selection: {
      skills: skills
        .map(({ skillId, required = true }) => ({ skill: nameOf(skillId), required }))
        .sort((a, b) => (a.skill < b.skill ? -1 : 1)),
    },
    targets: objectsIn(targets).map(placed),
    fallback: isObject(beside) ? placed(beside) : null,
  };
}
