/**
 * The page as one document that needs nothing else. Its script and style are named by their hashes
 * in its content security policy, so that nothing that data might smuggle in is ever run.
 */

/** As the build leaves it in `dist/page/`. */
export interface PageAsset {
  readonly script: string;
  readonly style: string;
  /** Of the policy: `'sha256-…'`. */
  readonly scriptHash: string;
  readonly styleHash: string;
}

export function policyOf({ scriptHash, styleHash }: PageAsset, isLive: boolean): string {
  return [
    "default-src 'none'",
    `script-src ${scriptHash}`,
    `style-src ${styleHash}`,
    `connect-src ${isLive ? "'self'" : "'none'"}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}

/** That the page goes on with what it is told. */
export interface Live {
  /** When what is shown was seen, by the clock of this machine; milliseconds since 1970. */
  readonly seenMs: number;
}

/** `view`: as JSON; `null` where it is told later. */
export function documentOf(asset: PageAsset, view: string | null, live: Live | null): string {
  const policy = policyOf(asset, live !== null);
  const given =
    view === null
      ? ''
      : `<script type="application/json" id="view">${view.replace(/</g, '\\u003c')}</script>`;
  return [
    '<!doctype html>',
    `<html lang="en"${live === null ? '' : ` data-seen="${live.seenMs}"`}>`,
    '<head>',
    '<meta charset="utf-8">',
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="referrer" content="no-referrer">',
    '<title>strategos</title>',
    `<style>${asset.style}</style>`,
    '</head>',
    '<body>',
    '<div id="page"><noscript>This page needs JavaScript.</noscript></div>',
    given,
    `<script>${asset.script}</script>`,
    '</body>',
    '</html>',
    '',
  ].join('\n');
}
