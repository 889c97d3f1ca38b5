/**
 * Listings that lack some of what they should show. Most still say how many there are; of queues
 * and skills some do not, as where a client no longer sees a division.
 */
import { isObject, type Json } from '../../src/core/json.js';
import { seededRandom, wholeBetween } from '../../src/simulator/chance.js';
import type { SimRequest, SimResponse } from '../../src/simulator/org.js';

const OF_DIVISIONS = /^\/api\/v2\/routing\/(?:queues|skills)\?/;

export class Shortening {
  private readonly seen = new Map<string, number>();

  constructor(
    private readonly seed: number,
    private readonly rate: number,
  ) {}

  of(request: SimRequest, response: SimResponse): SimResponse {
    if (this.rate === 0 || request.method !== 'GET' || response.status !== 200) return response;
    const nth = (this.seen.get(request.path) ?? 0) + 1;
    this.seen.set(request.path, nth);
    const random = seededRandom(`${this.seed}/short/${request.path}/${nth}`);
    if (random.next() >= this.rate) return response;
    const body = JSON.parse(response.body) as Json;
    if (!isObject(body) || !Array.isArray(body['entities'])) return response;
    const all = body['entities'];
    if (typeof body['total'] !== 'number' || all.length === 0) return response;
    const entities = all.slice(0, wholeBetween(random, 0, all.length - 1));
    const isHidden = OF_DIVISIONS.test(request.path) && random.next() < 0.5;
    const total = isHidden ? body['total'] - all.length + entities.length : body['total'];
    return { ...response, body: JSON.stringify({ ...body, entities, total }) };
  }
}
