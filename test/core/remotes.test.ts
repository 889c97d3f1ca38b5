/** Which remote says whose a checkout is, and what its address stands for. */
import { describe, expect, it } from 'vitest';
import { chosenRemote, remotesIn, type Settings } from '../../src/core/remotes.js';
import { hostNameIn } from '../../src/core/ssh-config.js';

const HUB = 'https://github.com/acme/routing';
const url = (remote: string, address: string) => [`remote.${remote}.url`, address] as const;
const instead = (prefix: string, of: string) => [`url.${of}.insteadof`, prefix] as const;
const urlOf = (...settings: Settings): string | undefined => remotesIn(settings)[0]?.url;

describe('the address of a remote', () => {
  it.each<[string, Settings, string]>([
    ['as it is written', [url('origin', HUB)], HUB],
    [
      'a shorthand',
      [url('o', 'gh:a/r'), instead('gh:', 'https://github.com/')],
      'https://github.com/a/r',
    ],
    [
      'the longest of two',
      [url('o', 'gh:a/r'), instead('gh:', 'x://'), instead('gh:a', 'y://b')],
      'y://b/r',
    ],
    ['once, as git does it', [url('o', 'a:r'), instead('a:', 'b:'), instead('b:', 'c:')], 'b:r'],
    [
      'a host of its own, whatever proxy leads there',
      [url('o', HUB), instead('https://', 'https://proxy.example.com/')],
      HUB,
    ],
    [
      'one over ssh, the same',
      [url('o', 'git@github.com:a/r'), instead('git@github.com:', 'p:')],
      'git@github.com:a/r',
    ],
    [
      'a shorthand for pushing alone',
      [url('o', 'gh:a/r'), ['url.git@github.com:.pushinsteadof', 'gh:']],
      'git@github.com:a/r',
    ],
    ['the first of several', [url('o', HUB), url('o', 'https://example.com/b')], HUB],
    ['where to push, where that is all', [['remote.o.pushurl', HUB]], HUB],
    ['an alias that nothing rewrites', [url('o', 'git@work:a/r')], 'git@work:a/r'],
  ])('is %s', (_name, settings, expected) => {
    expect(urlOf(...settings)).toBe(expected);
  });

  it('is of no remote where there is none', () => {
    expect(
      remotesIn([
        ['remote.o.url', ''],
        ['branch.main.remote', 'o'],
      ]),
    ).toEqual([]);
  });
});

describe('of several remotes', () => {
  const two: Settings = [url('acme', HUB), url('fork', 'https://github.com/ada/routing')];
  const chosen = (settings: Settings, branch: string | null = 'main'): string | undefined =>
    chosenRemote(remotesIn(settings), settings, branch)?.name;

  it('origin goes first, then what the branch follows, then the only one', () => {
    const follows = ['branch.main.remote', 'acme'] as const;
    expect(chosen([...two, url('origin', HUB), follows])).toBe('origin');
    expect(chosen([...two, follows])).toBe('acme');
    expect(chosen([url('upstream', HUB)])).toBe('upstream');
    expect(chosen([...two, follows], 'other')).toBeUndefined();
    expect(chosen([...two, follows], null)).toBeUndefined();
    expect(chosen([...two, ['branch.main.remote', '.']])).toBeUndefined();
    expect(chosen([])).toBeUndefined();
  });
});

describe('an ssh configuration', () => {
  const config = `
# comment
Host *.example.com !bad.example.com
    HostName gateway.example.org
Host work "other one"
    User git
    hostname = github.com
    HostName gitlab.com
Match host matched
    HostName nowhere
Host short*
    HostName %h.example.net
Host q?
    HostName quick.example.com
`;
  it.each([
    ['work', 'github.com'],
    ['other one', 'github.com'],
    ['a.example.com', 'gateway.example.org'],
    ['bad.example.com', null],
    ['short1', 'short1.example.net'],
    ['q1', 'quick.example.com'],
    ['q12', null],
    ['matched', null],
    ['unknown', null],
  ])('says that %s is %s', (alias, host) => {
    expect(hostNameIn(config, alias)).toBe(host);
  });

  it('has a default before the first host', () => {
    expect(hostNameIn('HostName a.example.com\nHost x\n HostName b', 'x')).toBe('a.example.com');
    expect(hostNameIn('Match all\n HostName a.example.com', 'x')).toBe('a.example.com');
  });
});
