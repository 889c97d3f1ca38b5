/** What somebody is told who writes no host of a region where one belongs. */
import { expect, it } from 'vitest';
import { regionIn, regionMeant } from '../../src/manifest/regions.js';

it.each<[string, string | undefined]>([
  ['eu-west-1', 'did you mean mypurecloud.ie?'],
  ['EU-Central-2', 'did you mean euc2.pure.cloud?'],
  ['us-east-1', 'did you mean mypurecloud.com?'],
  ['mypurecloud.ei', 'did you mean mypurecloud.ie?'],
  ['https://api.mypurecloud.co', 'did you mean mypurecloud.com?'],
  // None of the three is likelier than another: one alone would send people to a foreign region.
  ['mypurecloud.xx', 'did you mean mypurecloud.de, mypurecloud.ie or mypurecloud.jp?'],
  ['example.org', undefined],
  ['toString', undefined],
])('%s', (text, hint) => {
  expect(regionIn(text)).toBeNull();
  expect(regionMeant(text)).toBe(hint);
});
