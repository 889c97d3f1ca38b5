/** Faults files: YAML or JSON text, checked before faults are made of it. */
import { isObject, type JsonObject } from '../core/json.js';
import type { FaultRule, Faults } from '../generated/types.js';
import { loadChecked, type CheckedSource, type Finding } from './checked-file.js';

/** The faults behind the bytes. Throws one `InvalidInput` that carries every problem found. */
export async function loadFaultsFile(source: CheckedSource): Promise<Faults> {
  const value = await loadChecked(source, {
    what: 'faults file',
    validator: async () => (await import('../generated/faults-validator.js')).validateFaults,
    check: checkRules,
  });
  return value;
}

type Setting = 'fromMs' | 'toMs' | 'status' | 'tookEffect' | 'page' | 'retryAfterSeconds' | 'value';

const RANGE = ['fromMs', 'toMs'] as const;

/** What can be said of each fault, besides which requests it hits. */
const SETTINGS: Readonly<Record<FaultRule['fault'], readonly Setting[]>> = {
  latency: RANGE,
  'too-many-requests': ['retryAfterSeconds'],
  'server-error': ['status', 'tookEffect', 'page'],
  'drop-before': [],
  'drop-after': [],
  'slow-activation': RANGE,
  'failed-activation': [],
  'person-edits': ['value'],
  'person-deletes': ['value'],
  'listing-lag': RANGE,
  'stale-read': RANGE,
  trickle: ['fromMs', 'toMs', 'tookEffect'],
  'tokens-expire': [],
};

/** A setting that means nothing to its fault, and a range that ends before it begins. */
function checkRules({ rules }: JsonObject): Finding[] {
  if (!Array.isArray(rules)) return [];
  return rules.flatMap((rule, index): Finding[] => {
    if (!isObject(rule)) return [];
    const { fault, fromMs, toMs } = rule;
    const findings: Finding[] = [];
    if (typeof fault === 'string' && isFault(fault)) {
      const others = Object.values(SETTINGS)
        .flat()
        .filter((one) => !SETTINGS[fault].includes(one));
      for (const key of new Set(others)) {
        if (!Object.hasOwn(rule, key)) continue;
        const message = `${fault} knows no ${key}`;
        findings.push({ keys: ['rules', index, key], code: 'unused-setting', message });
      }
    }
    if (typeof fromMs === 'number' && typeof toMs === 'number' && fromMs > toMs) {
      const message = `is ${fromMs}, which is more than toMs, ${toMs}`;
      findings.push({ keys: ['rules', index, 'fromMs'], code: 'empty-range', message });
    }
    return findings;
  });
}

function isFault(text: string): text is FaultRule['fault'] {
  return Object.hasOwn(SETTINGS, text);
}
