/** Who is who: names of owners, what older versions wrote, and what people are told. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  folderOnce,
  isBareName,
  isNamedBefore,
  nameOnce,
  ownerIn,
  ownerName,
  ownerText,
  remarkOn,
  repositoryOf,
  sameOwner,
  usText,
  type Us,
} from '../../src/core/owner.js';
import { whoWeAre, type UsHere } from '../../src/engine/who-we-are.js';
import { hostile } from '../property/generators.js';
import { OTHER, OWNER, recordOf } from '../support/owned.js';

const HUB = 'github.com/acme/routing';
const US: Us = { name: `${HUB}//strategies`, environment: 'prod', before: HUB };
const named = (name: string, environment = 'prod') => ({ name, environment });

describe('a name', () => {
  it.each([
    ['github.com/Acme/Routing//strategies', `${HUB}//strategies`],
    ['https://github.com/acme/routing.git//strategies/', `${HUB}//strategies`],
    [`${HUB}//`, `${HUB}//.`],
    [`${HUB}//./a//b/../c`, `${HUB}//a/c`],
    ['lab//strategies', 'lab//strategies'],
    ['https://github.com/acme/routing', HUB],
    ['lab', 'lab'],
    ['', ''],
  ])('%j is spelled %j', (written, name) => {
    expect(nameOnce(written)).toBe(name);
  });

  it('is spelled as itself', () => {
    fc.assert(
      fc.property(hostile, hostile, (repository, folder) => {
        const once = nameOnce(ownerName(repository, folder));
        expect(nameOnce(once)).toBe(once);
      }),
    );
  });

  it('of a folder starts at the top', () => {
    const names = ['', '.', './', 'a/..', 'a', './a/', 'a\\b', '../x', '../../x/', 'e\u0301'];
    const once = ['.', '.', '.', '.', 'a', 'a', 'a/b', '../x', '../../x', '\u00e9'];
    expect(names.map(folderOnce)).toEqual(once);
  });

  it('is bare where any repository may have it', () => {
    const uuid = 'routing-0c8a6c3e-6a75-4d21-9c1f-2b8a4a7f3e11';
    expect(['lab', 'Team Routing', 'a.b'].map(isBareName)).toEqual([true, true, true]);
    expect([uuid, HUB, 'acme/routing'].map(isBareName)).toEqual([false, false, false]);
    expect(repositoryOf('lab', HUB)).toBe(`lab of ${HUB}`);
    expect(repositoryOf('lab', null)).toBe('lab');
    expect(repositoryOf(uuid, HUB)).toBe(uuid);
    expect(repositoryOf('GitHub.com/Acme/Other', HUB)).toBe('github.com/acme/other');
    expect(repositoryOf(null, HUB)).toBe(HUB);
    expect(repositoryOf(null, null)).toBeNull();
  });
});

describe('the owner of a record', () => {
  it.each([
    ['as we write it', named(`${HUB}//strategies`), true],
    ['in other letters', named('GitHub.com/Acme/Routing//strategies'), true],
    ['as an older version wrote it', named('github.com/Acme/Routing'), true],
    ['of another folder', named(`${HUB}//other`), false],
    ['of the top', named(`${HUB}//.`), false],
    ['of another environment', named(`${HUB}//strategies`, 'stage'), false],
    ['of an older version in another environment', named(HUB, 'stage'), false],
    ['of another repository', named('github.com/acme/routing2//strategies'), false],
    ['nobody', named(''), false],
    ['in other letters of a folder', named(`${HUB}//Strategies`), false],
  ])('is us or not: %s', (_name, owner, is) => {
    expect(sameOwner(owner, US)).toBe(is);
  });

  it('of an older version is told apart, and not believed where others may be meant', () => {
    expect(isNamedBefore(named(HUB), US)).toBe(true);
    expect(isNamedBefore(named(US.name), US)).toBe(false);
    const { before, ...sure } = US;
    expect(before).toBe(HUB);
    expect(sameOwner(named(HUB), sure)).toBe(false);
  });

  it('is explained where it comes close', () => {
    const shared = { name: 'lab', why: 'any repository may have called itself so' };
    const us = { ...US, shared };
    expect(remarkOn(named('lab'), us)).toBe(
      'written by an older version; any repository may have called itself so',
    );
    expect(remarkOn(named(`${HUB}//b`), us)).toBe('another folder of the same repository');
    expect(remarkOn(named(`${HUB}//b`, 'stage'), us)).toBe('');
    expect(remarkOn(named('somebody//x'), us)).toBe('');
  });
});

describe('whoWeAre', () => {
  const records = (name: string) =>
    new Map([['a', recordOf('RoutingStrategy/a', { owner: named(name) })]]);
  const asking = (...files: string[]): [UsHere, () => number] => {
    let asked = 0;
    const namesakes = (): Promise<string[]> => {
      asked += 1;
      return Promise.resolve(files);
    };
    return [{ ...US, namesakes }, () => asked];
  };

  it('asks for namesakes only where a record has the old name', async () => {
    const [us, asked] = asking();
    expect((await whoWeAre(us, records(US.name))).before).toBe(HUB);
    expect((await whoWeAre(us, records('lab'))).before).toBe(HUB);
    expect(asked()).toBe(0);
    expect(await whoWeAre(us, records(HUB))).toEqual(US);
    expect(asked()).toBe(1);
    expect(await whoWeAre(OWNER, records(HUB))).toBe(OWNER);
  });

  it('does not take what a namesake may have written', async () => {
    const [us] = asking('b/env.yaml', 'c/env.yaml');
    const known = await whoWeAre(us, records('github.com/Acme/routing'));
    expect(sameOwner(named(HUB), known)).toBe(false);
    expect(remarkOn(named(HUB), known)).toBe(
      'written by an older version; b/env.yaml and 1 more may have been meant as well',
    );
  });
});

describe('what people read', () => {
  it('is read back', () => {
    expect(ownerText(OTHER)).toBe('github.com/acme/elsewhere (environment prod)');
    expect(ownerText(named(''))).toBe('(nobody named) (environment prod)');
    expect(ownerIn(ownerText(US), 'x')).toEqual(named(US.name));
    expect(ownerIn('GitHub.com/Acme/Routing', 'x')).toEqual(named(HUB, 'x'));
    expect(ownerIn('Lab (two)', 'x')).toEqual(named('Lab (two)', 'x'));
  });

  it('says how it is known', () => {
    expect(usText({ ...US, how: 'GITHUB_REPOSITORY' })).toBe(
      `we are ${HUB}//strategies (environment prod), by GITHUB_REPOSITORY`,
    );
    expect(usText(OWNER)).toBe('we are test (environment test)');
  });
});
