/** Which hosts the credentials of a client may be sent to. */
import { nearest } from '../core/nearest.js';

/** Public regions of Genesys Cloud: `PureCloudRegionHosts` of the SDK, 262.0.0. */
const REGIONS = [
  ...['mypurecloud.com', 'mypurecloud.ie', 'mypurecloud.com.au', 'mypurecloud.jp'],
  ...['mypurecloud.de', 'usw2.pure.cloud', 'cac1.pure.cloud', 'apne2.pure.cloud'],
  ...['euw2.pure.cloud', 'aps1.pure.cloud', 'use2.us-gov-pure.cloud', 'sae1.pure.cloud'],
  ...['mec1.pure.cloud', 'apne3.pure.cloud', 'euc2.pure.cloud', 'mxc1.pure.cloud'],
  ...['apse1.pure.cloud', 'edee1.eusc-pure.cloud'],
] as const;

/**
 * The region that a person means who writes `https://api.mypurecloud.ie/` or copies the address of
 * a page of it; `null` where the host is of none.
 */
export function regionIn(text: string): string | null {
  const host = hostIn(text);
  const bare = host.replace(/^(?:api|apps|login|developer|auth|signin)\./, '');
  return REGIONS.find((region) => region === host || region === bare) ?? null;
}

/** The region that a misspelled one is nearest to. */
export function nearestRegion(text: string): string | undefined {
  const host = hostIn(text);
  const bare = host.replace(/^(?:api|apps|login|developer|auth|signin)\./, '');
  return nearest(bare, REGIONS) ?? nearest(host, REGIONS);
}

/** The host of an address in lower case, without port, path and a dot at its end. */
function hostIn(text: string): string {
  const trimmed = text.trim();
  const url = trimmed.includes('://') ? trimmed : `https://${trimmed}`;
  const host = URL.canParse(url) ? new URL(url).hostname : trimmed.toLowerCase();
  return host.replace(/\.+$/, '');
}
