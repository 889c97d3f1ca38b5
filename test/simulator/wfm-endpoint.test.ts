/** The endpoint of the demo takes what is signed, once, and nothing else. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startWfmEndpoint, type WfmEndpoint } from '../../src/simulator/wfm-endpoint.js';
import { networkPost } from '../../src/wfm/post.js';
import { Signer } from '../../src/wfm/signature.js';
import { SECRET } from '../support/endpoint.js';

let endpoint: WfmEndpoint;

beforeEach(async () => {
  endpoint = await startWfmEndpoint(SECRET);
});
afterEach(() => endpoint.close());

const OTHER = `whsec_${Buffer.from('another secret of 32 bytes, or so').toString('base64')}`;

async function send(id: string, body: string, secret = SECRET, ageMs = 0): Promise<number> {
  const headers = Signer.from(secret)?.headers(id, Date.now() - ageMs, body) ?? {};
  const { url } = endpoint;
  return (await networkPost({ url, timeoutMs: 5000 }, headers, body)).status;
}

describe('the endpoint of the demo', () => {
  it('takes a signed message, and a repetition only once', async () => {
    expect(await send('msg_1', '{"name":"a"}')).toBe(204);
    expect(await send('msg_1', '{"name":"a"}')).toBe(204);
    expect(await send('msg_2', '{"name":"b"}')).toBe(204);
    expect(endpoint.received()).toEqual([{ name: 'a' }, { name: 'b' }]);
  });

  it.each([
    ['signed with another secret', '{}', OTHER, 0],
    ['that is too old', '{}', SECRET, 6 * 60_000],
    ['that is too long', `{"x":"${'x'.repeat(70_000)}"}`, SECRET, 0],
    ['that is no object', '[]', SECRET, 0],
  ])('refuses what is %s', async (_what, body, secret, ageMs) => {
    expect(await send('msg_1', body, secret, ageMs)).toBe(401);
    expect(endpoint.received()).toEqual([]);
  });
});
