/** Fails the test whose requests or answers are not what the SDK's typings say. */
import { afterAll, afterEach } from 'vitest';
import { drain } from './findings.js';

const SHOWN = 20;

function fail(): void {
  const findings = [...new Set(drain())];
  if (findings.length === 0) return;
  const more = findings.length > SHOWN ? [`and ${findings.length - SHOWN} more`] : [];
  const lines = [...findings.slice(0, SHOWN), ...more].map((line) => `  ${line}`);
  throw new Error(['these exchanges do not fit the SDK:', ...lines].join('\n'));
}

afterEach(fail);
// What came after the last test.
afterAll(fail);
