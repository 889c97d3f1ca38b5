/**
 * Signs what is sent as the Standard Webhooks specification 1.0.0 asks: HMAC-SHA256 over
 * `id.timestamp.body`, scheme `v1`.
 */
import { Webhook } from 'standardwebhooks';

const PREFIX = 'whsec_';
/** Of a signing secret: 192 to 512 bits. */
const BYTES = { least: 24, most: 64 } as const;

export type Headers = Readonly<Record<string, string>>;

export class Signer {
  private constructor(private readonly keys: readonly Webhook[]) {}

  /**
   * `whsec_…` in base64, or several with blanks between while a secret is being replaced: the
   * receiver accepts any. `null` for what is no signing secret; nobody is told what it was.
   */
  static from(text: string): Signer | null {
    const secrets = text.trim().split(/\s+/);
    if (!secrets.every(isSecret)) return null;
    return new Signer(secrets.map((secret) => new Webhook(secret)));
  }

  /** `atMs` is the time of this attempt, in milliseconds since 1970. */
  headers(id: string, atMs: number, body: string): Headers {
    const at = new Date(atMs);
    return {
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(atMs / 1000)),
      'webhook-signature': this.keys.map((key) => key.sign(id, at, body)).join(' '),
    };
  }
}

function isSecret(text: string): boolean {
  const key = text.startsWith(PREFIX) ? text.slice(PREFIX.length) : text;
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(key) || key.length % 4 !== 0) return false;
  const { length } = Buffer.from(key, 'base64');
  return length >= BYTES.least && length <= BYTES.most;
}
