/** Which hosts the credentials of a client may be sent to. */
import { allNearest } from '../core/nearest.js';
import { alternatives } from './wording.js';

/** Public regions of Genesys Cloud: `PureCloudRegionHosts` of the SDK, 262.0.0. */
const HOSTS: Readonly<Record<string, string>> = {
  'us-east-1': 'mypurecloud.com',
  'eu-west-1': 'mypurecloud.ie',
  'ap-southeast-2': 'mypurecloud.com.au',
  'ap-northeast-1': 'mypurecloud.jp',
  'eu-central-1': 'mypurecloud.de',
  'us-west-2': 'usw2.pure.cloud',
  'ca-central-1': 'cac1.pure.cloud',
  'ap-northeast-2': 'apne2.pure.cloud',
  'eu-west-2': 'euw2.pure.cloud',
  'ap-south-1': 'aps1.pure.cloud',
  'us-east-2': 'use2.us-gov-pure.cloud',
  'sa-east-1': 'sae1.pure.cloud',
  'me-central-1': 'mec1.pure.cloud',
  'ap-northeast-3': 'apne3.pure.cloud',
  'eu-central-2': 'euc2.pure.cloud',
  'mx-central-1': 'mxc1.pure.cloud',
  'ap-southeast-1': 'apse1.pure.cloud',
  'eusc-de-east-1': 'edee1.eusc-pure.cloud',
};
const REGIONS = Object.values(HOSTS);

/**
 * The region that a person means who writes `https://api.mypurecloud.ie/` or copies the address of
 * a page of it; `null` where the host is of none.
 */
export function regionIn(text: string): string | null {
  const host = hostIn(text);
  const bare = host.replace(/^(?:api|apps|login|developer|auth|signin)\./, '');
  return REGIONS.find((region) => region === host || region === bare) ?? null;
}

/**
 * `did you mean mypurecloud.ie?`: the region of that name with those who run its machines, or those
 * that a misspelled one is nearest to; `undefined` where none is near.
 */
export function regionMeant(text: string): string | undefined {
  const host = hostIn(text);
  const named = Object.hasOwn(HOSTS, host) ? HOSTS[host] : undefined;
  if (named !== undefined) return `did you mean ${named}?`;
  const bare = host.replace(/^(?:api|apps|login|developer|auth|signin)\./, '');
  const near = [bare, host].map((one) => allNearest(one, REGIONS)).find(({ length }) => length > 0);
  return near === undefined ? undefined : `did you mean ${alternatives(near)}?`;
}

/** The host of an address in lower case, without port, path and a dot at its end. */
function hostIn(text: string): string {
  const trimmed = text.trim();
  const url = trimmed.includes('://') ? trimmed : `https://${trimmed}`;
  const host = URL.canParse(url) ? new URL(url).hostname : trimmed.toLowerCase();
  return host.replace(/\.+$/, '');
}
