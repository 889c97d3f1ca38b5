/**
 * Where a file goes: an address that the platform has signed, which makes it as good as a
 * credential. It is asked without ours, and nothing that is shown or kept has the part that signs.
 */
import { PlatformError } from '../core/errors.js';
import type { RequestRecord } from '../core/types.js';

export interface UploadAddress {
  readonly url: string;
  readonly host: string;
  /** As it may be seen; the path has no query, and not the last part, which may be the secret. */
  readonly request: RequestRecord;
}

const LOOPBACK = /^(127\.0\.0\.1|localhost|\[::1\])$/;

/**
 * Where a file for `address` is sent. Only https, unless `configured`, the host of the environment,
 * is a simulator on this machine: that is asked where it listens, whatever port it believes in.
 */
export function uploadAddress(address: string, configured: string): UploadAddress {
  const url = parsed(address);
  if (url === null) throw refused('it is no URL');
  if (url.username !== '' || url.password !== '') throw refused('it has a user name or password');
  const request = shown(url);
  if (url.protocol === 'https:') return { url: url.href, host: url.host, request };
  const simulator = parsed(configured);
  const isOurs = simulator?.protocol === 'http:' && LOOPBACK.test(simulator.hostname);
  if (url.protocol !== 'http:' || !isOurs || !LOOPBACK.test(url.hostname)) {
    throw refused('it is not https');
  }
  // Taken together as text: a path that begins with two slashes would name another host.
  return { url: simulator.origin + url.pathname + url.search, host: simulator.host, request };
}

function parsed(text: string): URL | null {
  // A region such as mypurecloud.ie is a host and no URL.
  return URL.canParse(text) ? new URL(text) : null;
}

function shown({ pathname }: URL): RequestRecord {
  const path = pathname.replace(/[^/]+\/*$/, '***');
  return { method: 'PUT', path, status: null, correlationId: null };
}

/** Says nothing of the address itself: what is wrong with it may be its secret. */
function refused(why: string): PlatformError {
  const request = { method: 'PUT', path: '/***', status: null, correlationId: null };
  return new PlatformError(
    'rejected',
    'unsafe-upload-address',
    `the platform named an address for a file that is not safe to use: ${why}; nothing was sent`,
    { request, hint: 'check the host in the Environment manifest or GENESYS_DOMAIN, and proxies' },
  );
}
