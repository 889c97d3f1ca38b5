/** One name for one repository, and never one for two. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aliasIn, repositoryName, serviceIn, spelledOnce } from '../../src/core/repository-name.js';
import { hostile } from '../property/generators.js';

describe('one repository', () => {
  it.each([
    'https://github.com/acme/routing',
    'https://github.com/acme/routing.git',
    'https://github.com/acme/routing.git/',
    'https://github.com//acme//routing.git//',
    'https://github.com/acme/./routing/.git',
    'https://github.com/acme/other/../routing',
    'https://GitHub.COM/Acme/Routing',
    'https://github.com./acme/routing',
    'https://www.github.com/acme/routing',
    'http://github.com/acme/routing',
    'https://github.com:443/acme/routing',
    'https://x-access-token:ghs_secret@github.com/acme/routing.git',
    'https://ada@github.com/Acme/Routing',
    'https://github.com/acme/r%6Futing',
    'git@github.com:acme/routing.git',
    'git@github.com:/acme/routing.git',
    'org-1234@github.com:Acme/routing.git',
    'github.com:acme/routing',
    'ssh://git@github.com/acme/routing.git',
    'ssh://git@github.com:22/acme/routing.git',
    'ssh://git@ssh.github.com:443/Acme/Routing.git',
    'git+ssh://git@github.com/acme/routing.git',
    'ssh+git://git@github.com/acme/routing.git',
    'git+https://github.com/acme/routing',
    'git://github.com/acme/routing.git',
    '  https://github.com/acme/routing\n',
  ])('at GitHub: %j', (remote) => {
    expect(repositoryName(remote)).toBe('github.com/acme/routing');
  });

  it.each([
    ['https://gitlab.com/Acme/Sub/Routing.git', 'gitlab.com/acme/sub/routing'],
    ['ssh://git@altssh.gitlab.com:443/acme/sub/routing.git', 'gitlab.com/acme/sub/routing'],
    ['git@bitbucket.org:Acme/routing.git', 'bitbucket.org/acme/routing'],
    ['ssh://git@altssh.bitbucket.org:443/acme/routing', 'bitbucket.org/acme/routing'],
    ['https://acme@dev.azure.com/acme/CC/_git/Routing', 'dev.azure.com/acme/cc/routing'],
    ['git@ssh.dev.azure.com:v3/acme/CC/Routing', 'dev.azure.com/acme/cc/routing'],
    ['https://acme.visualstudio.com/CC/_git/Routing', 'dev.azure.com/acme/cc/routing'],
    ['https://acme.visualstudio.com/DefaultCollection/CC/_git/r', 'dev.azure.com/acme/cc/r'],
    ['acme@vs-ssh.visualstudio.com:v3/acme/CC/Routing', 'dev.azure.com/acme/cc/routing'],
    ['https://dev.azure.com/acme/_git/Routing', 'dev.azure.com/acme/routing/routing'],
    ['https://dev.azure.com/acme/C%20C/_git/r', 'dev.azure.com/acme/c c/r'],
    ['https://Acme.GHE.com/Team/Routing', 'acme.ghe.com/team/routing'],
    ['git@gitlab.example.com:Group/Sub/Routing.git', 'gitlab.example.com/Group/Sub/Routing'],
    ['https://GitLab.Example.com/Group/Sub/Routing', 'gitlab.example.com/Group/Sub/Routing'],
    ['https://git.example.com:8443/acme/routing.git', 'git.example.com:8443/acme/routing'],
    ['ssh://git@[2001:DB8::1]:2222/acme/routing', '[2001:db8::1]:2222/acme/routing'],
    ['ada@git.example.com:~/routing.git', 'git.example.com/~ada/routing'],
    ['https://github.com/acme/Routing.github.io.git', 'github.com/acme/routing.github.io'],
    ['git@gitserver:cc/routing.git', 'gitserver/cc/routing'],
  ])('elsewhere: %s is %s', (remote, name) => {
    expect(repositoryName(remote)).toBe(name);
  });
});

describe('two repositories', () => {
  it.each([
    ['https://github.com/acme/routing', 'https://github.com/acme/routing2'],
    ['https://github.com/acme/routing', 'https://gitlab.com/acme/routing'],
    ['https://git.example.com/Acme/routing', 'https://git.example.com/acme/routing'],
    ['https://git.example.com/acme/routing', 'https://git.example.com:8443/acme/routing'],
    ['https://git.example.com:3000/a/r', 'https://git.example.com:3001/a/r'],
    ['http://git.example.com:443/a/r', 'https://git.example.com/a/r'],
    ['ada@git.example.com:~/routing', 'ben@git.example.com:~/routing'],
    ['https://git.example.com/a%2Fr', 'https://git.example.com/a/r'],
    ['https://git.example.com/a%25r', 'https://git.example.com/a%r'],
    ['git@gitlab-two:acme/routing', 'https://gitlab.com/acme/routing'],
  ])('%s and %s', (one, other) => {
    expect(repositoryName(one)).not.toBeNull();
    expect(repositoryName(one)).not.toBe(repositoryName(other));
  });

  it.each([
    ...['', '/srv/git/routing.git', '../routing', './a:b', 'file:///srv/git/routing.git'],
    ...['https://', 'https://github.com', 'https://github.com/.git', 'C:\\git\\routing'],
    ...['C:/git/routing', '\\\\server\\git\\routing', 'ext::ssh x %S', 'foo::https://a.com/b'],
    ...['codecommit::eu-west-1://routing', 's3://bucket/routing', 'routing.bundle'],
    ...['https://git.example.com/?p=routing.git', 'https://git.example.com/a/b?token=secret'],
  ])('are not named by %j, which names none', (remote) => {
    expect(repositoryName(remote)).toBeNull();
  });
});

describe('an alias of ssh', () => {
  const behind = (host: string) => () => host;

  it('is the host that it stands for', () => {
    const remote = 'git@work:Acme/Routing.git';
    expect(aliasIn(remote)).toBe('work');
    expect(repositoryName(remote, behind('github.com'))).toBe('github.com/acme/routing');
    expect(repositoryName(remote, behind('ssh.github.com'))).toBe('github.com/acme/routing');
    expect(repositoryName(remote, behind('git.example.com'))).toBe('git.example.com/Acme/Routing');
  });

  it('may look like a host, and then only a service is believed', () => {
    const remote = 'ssh://git@work.example.com/acme/routing';
    expect(aliasIn(remote)).toBe('work.example.com');
    expect(repositoryName(remote, behind('github.com'))).toBe('github.com/acme/routing');
    expect(repositoryName(remote, behind('10.0.0.7'))).toBe('work.example.com/acme/routing');
  });

  it('is not looked for where the host is known, or ssh is not used', () => {
    expect(aliasIn('git@github.com:acme/routing')).toBeNull();
    expect(aliasIn('ssh://git@ssh.github.com:443/acme/routing')).toBeNull();
    expect(aliasIn('https://office/acme/routing')).toBeNull();
    expect(aliasIn('/srv/git')).toBeNull();
    expect(repositoryName('https://office/acme/routing', behind('github.com'))).toBe(
      'office/acme/routing',
    );
  });

  it.each([
    ['github-work', 'github.com'],
    ['GitHub_Ada', 'github.com'],
    ['github.com-acme', 'github.com'],
    ['gitlab.com-acme', 'gitlab.com'],
    ['bitbucket.org_two', 'bitbucket.org'],
    ['gitlab-two', null],
    ['gitlab', null],
    ['github', null],
    ['github-enterprise', null],
    ['github-internal', null],
    ['work', null],
    ['github.com', null],
    ['github.example.com', null],
    ['my-github-work', null],
  ])('%s is called after %s', (alias, service) => {
    expect(serviceIn(alias)).toBe(service);
  });
});

describe('a name that somebody wrote', () => {
  it.each([
    ['github.com/Acme/Routing', 'github.com/acme/routing'],
    ['www.GitHub.com/acme/routing.git/', 'github.com/acme/routing'],
    ['https://ada:pw@github.com/acme/routing', 'github.com/acme/routing'],
    ['git@github.com:Acme/routing', 'github.com/acme/routing'],
    ['git.example.com:8443/Acme/r', 'git.example.com:8443/Acme/r'],
    ['acme/Routing', 'acme/Routing'],
    ['Lab', 'Lab'],
    ['Lab of github.com/acme/routing', 'Lab of github.com/acme/routing'],
    ['', ''],
  ])('%j is spelled %j', (written, name) => {
    expect(spelledOnce(written)).toBe(name);
  });
});

describe('laws', () => {
  const word = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._~ %-]{0,12}$/);
  const host = fc.oneof(
    fc.constantFrom('github.com', 'gitlab.com', 'dev.azure.com', 'acme.visualstudio.com'),
    fc.constantFrom('git.example.com', 'Git.Example.COM', 'www.example.org', 'server', '10.0.0.7'),
  );
  const path = fc.array(fc.oneof(word, fc.constantFrom('_git', 'v3', '.git', '..', 'İx', '%2f')), {
    minLength: 1,
    maxLength: 5,
  });
  const remote = fc
    .record({
      host,
      path,
      user: fc.constantFrom('', 'git@', 'ada:pw@'),
      form: fc.constantFrom('https://', 'ssh://', 'scp', 'git://'),
      port: fc.constantFrom('', ':443', ':22', ':2222', ':08443'),
    })
    .map(({ host: at, path: segments, user, form, port }) =>
      form === 'scp'
        ? `${user === '' ? '' : 'git@'}${at}:${segments.join('/')}`
        : `${form}${user}${at}${port}/${segments.join('/')}`,
    );

  it('a name is spelled as itself', () => {
    fc.assert(
      fc.property(fc.oneof(remote, hostile), (written) => {
        const once = spelledOnce(written);
        expect(spelledOnce(once)).toBe(once);
        const name = repositoryName(written);
        if (name !== null) expect(spelledOnce(name)).toBe(name);
      }),
      { numRuns: 2000 },
    );
  });

  it('a way to a repository is no part of its name', () => {
    const plain = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,8}[a-z0-9]$/);
    const way = fc.constantFrom(
      (at: string, p: string) => `https://${at}/${p}`,
      (at: string, p: string) => `https://token@${at.toUpperCase()}/${p}.git`,
      (at: string, p: string) => `https://www.${at}/${p}/`,
      (at: string, p: string) => `git@${at}:${p}.git`,
      (at: string, p: string) => `ssh://git@${at}:22/${p}`,
      (at: string, p: string) => `git://${at}//${p}.git/`,
    );
    const at = fc.constantFrom('github.com', 'git.example.com', 'gitlab.com', 'codeberg.org');
    fc.assert(
      fc.property(at, plain, plain, way, way, (service, org, repo, one, other) => {
        const name = `${org}/${repo}`;
        expect(repositoryName(one(service, name))).toBe(`${service}/${name}`);
        expect(repositoryName(other(service, name))).toBe(`${service}/${name}`);
      }),
    );
  });

  it('what differs in more than spelling stays apart', () => {
    const plain = fc.stringMatching(/^[a-z0-9]{1,4}$/);
    const one = fc.tuple(fc.constantFrom('github.com', 'git.example.com', 'server'), plain, plain);
    fc.assert(
      fc.property(one, one, ([hostA, orgA, a], [hostB, orgB, b]) => {
        const isSame = hostA === hostB && orgA === orgB && a === b;
        const first = repositoryName(`git@${hostA}:${orgA}/${a}.git`);
        const second = repositoryName(`https://${hostB}/${orgB}/${b}`);
        expect(first === second).toBe(isSame);
      }),
    );
  });
});
