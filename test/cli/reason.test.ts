/** What goes on after an error says on a line what was wrong, where, and what to do. */
import { describe, expect, it } from 'vitest';
import { failureText } from '../../src/cli/commands/console.js';
import { reasonOf } from '../../src/cli/report.js';
import { InvalidInput, PlatformError } from '../../src/core/errors.js';
import type { Issue } from '../../src/core/issue.js';

const MESSAGE = 'the manifests in strategies are not valid';

function issue(line: number, more: Partial<Issue> = {}): Issue {
  const at = { file: 'strategies/a.yaml', line, column: 2 };
  return { code: 'odd', severity: 'error', at, message: `odd ${line}`, ...more };
}

function invalid(...issues: Issue[]): InvalidInput {
  return new InvalidInput(MESSAGE, issues, { hint: 'mend what is listed above' });
}

describe('the reason of a failure on a line', () => {
  it('is the first error at its place, and how many issues there are beside it', () => {
    const place = 'strategies/a.yaml:3:2: odd 3';
    expect(reasonOf(invalid(issue(3)))).toBe(`${MESSAGE}: ${place}`);
    const warned = issue(1, { severity: 'warning' });
    expect(reasonOf(invalid(issue(7), warned, issue(3)))).toBe(
      `${MESSAGE}: ${place}, and 2 more issues`,
    );
    expect(reasonOf(invalid(issue(3, { at: null }), issue(4)))).toBe(
      `${MESSAGE}: odd 3, and 1 more issue`,
    );
  });

  it('is what to do where there is no list of issues', () => {
    expect(reasonOf(new InvalidInput('no credentials', [], { hint: 'set them' }))).toBe(
      'no credentials → set them',
    );
    expect(reasonOf(new InvalidInput('no credentials'))).toBe('no credentials');
  });

  it('blames an org for what the org has done alone', () => {
    expect(failureText(invalid(issue(3)))).toBe(
      `nobody can look: ${MESSAGE}: strategies/a.yaml:3:2: odd 3`,
    );
    const request = { method: 'GET', path: '/x', status: 503, correlationId: null } as const;
    expect(failureText(new PlatformError('unavailable', 'x', 'GET /x: 503', { request }))).toBe(
      'a look at the org failed: GET /x: 503',
    );
  });
});
