/** Signatures as the Standard Webhooks specification and its own tests publish them. */
import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { Signer } from '../../src/wfm/signature.js';

/** From the tests of the reference libraries: github.com/standard-webhooks/standard-webhooks. */
const PUBLISHED = {
  secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
  timestamp: 1_614_265_330,
  body: '{"test": 2432232314}',
  signature: 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
};

const key = fc.uint8Array({ minLength: 24, maxLength: 64 }).map((bytes) => Buffer.from(bytes));

describe('a signature', () => {
  it('is the one that the reference libraries publish', () => {
    const { secret, id, timestamp, body, signature } = PUBLISHED;
    expect(Signer.from(secret)?.headers(id, timestamp * 1000 + 999, body)).toEqual({
      'webhook-id': id,
      'webhook-timestamp': String(timestamp),
      'webhook-signature': signature,
    });
  });

  it('is the same with and without the prefix of the secret', () => {
    const bare = PUBLISHED.secret.slice('whsec_'.length);
    expect(Signer.from(bare)?.headers('a', 0, 'b')).toEqual(
      Signer.from(PUBLISHED.secret)?.headers('a', 0, 'b'),
    );
  });

  it('is HMAC-SHA256 over id, timestamp and body, for any key and any text', () => {
    fc.assert(
      fc.property(key, fc.string({ unit: 'grapheme' }), (bytes, body) => {
        const secret = `whsec_${bytes.toString('base64')}`;
        const signed = Signer.from(secret)?.headers('msg_1', 1_700_000_000_000, body);
        const mac = createHmac('sha256', bytes).update(`msg_1.1700000000.${body}`).digest('base64');
        expect(signed?.['webhook-signature']).toBe(`v1,${mac}`);
      }),
    );
  });

  it('of two secrets, while one is being replaced, satisfies holders of either', () => {
    const secrets = ['old', 'new'].map(
      (word) => `whsec_${Buffer.from(word.padEnd(32, '-')).toString('base64')}`,
    );
    const headers = Signer.from(secrets.join(' '))?.headers('msg_1', Date.now(), '{}') ?? {};
    for (const secret of secrets) {
      expect(new Webhook(secret).verify('{}', headers)).toEqual({});
    }
    const other = `whsec_${Buffer.from('other'.padEnd(32, '-')).toString('base64')}`;
    expect(() => new Webhook(other).verify('{}', headers)).toThrow('No matching signature');
  });
});

describe('a secret', () => {
  const of = (bytes: number): string => `whsec_${Buffer.alloc(bytes, 7).toString('base64')}`;

  it.each([
    ['shorter than the specification admits', of(23)],
    ['longer than it admits', of(65)],
    ['that is no base64', 'whsec_not base64 at all!!!!!!!!!!!!!!!!'],
    ['in hexadecimal of the wrong length', 'deadbeef'],
    ['that is empty', ' '],
    ['of which one of two is none', `${of(32)} password`],
  ])('%s is refused', (_what, text) => {
    expect(Signer.from(text)).toBeNull();
  });

  it.each([24, 32, 64])('of %i bytes is taken', (bytes) => {
    expect(Signer.from(of(bytes))).not.toBeNull();
  });
});
