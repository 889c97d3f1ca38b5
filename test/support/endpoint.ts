/** A workforce-management endpoint behind a socket, as its makers would build one. */
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';

/** `whsec_` and 32 bytes. */
export const SECRET = `whsec_${Buffer.from('the-secret-of-the-test-32-bytes!').toString('base64')}`;

export interface Arrived {
  readonly id: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: {
    readonly strategy_id: string;
    readonly name: string;
    readonly status: string;
    readonly targets: readonly { readonly id: string; readonly weight: number }[];
    readonly timestamp: string;
  };
  /** What the library of the specification says of the signature; `null` for no objection. */
  readonly objection: string | null;
}

/** What is answered in the place of 204; `hang` for nothing at all. */
export type Behaviour = (response: ServerResponse, count: number) => void;

export interface TestEndpoint {
  readonly url: string;
  /** Every request, refused ones included, in the order of arrival. */
  readonly arrived: Arrived[];
  behave(behaviour: Behaviour): void;
  close(): Promise<void>;
}

const take: Behaviour = (response) => response.writeHead(204).end();

export function answering(status: number, text = '', headers = {}): Behaviour {
  return (response) => response.writeHead(status, headers).end(text);
}

export const hanging: Behaviour = () => undefined;

export async function startEndpoint(secret = SECRET): Promise<TestEndpoint> {
  const arrived: Arrived[] = [];
  let behaviour = take;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString('utf8');
      arrived.push(arrivedOf(text, request.headers, secret));
      behaviour(response, arrived.length);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/hooks/routing`,
    arrived,
    behave: (next) => {
      behaviour = next;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function arrivedOf(text: string, headers: IncomingHttpHeaders, secret: string): Arrived {
  let objection: string | null = null;
  try {
    new Webhook(secret).verify(text, headers as Record<string, string>);
  } catch (error) {
    objection = (error as Error).message;
  }
  const body = JSON.parse(text) as Arrived['body'];
  return { id: String(headers['webhook-id']), headers, body, objection };
}
