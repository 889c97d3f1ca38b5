/** Metrics as people and machines get them; the files are in test/golden/. */
import { describe, expect, it } from 'vitest';
import type { QueueMetrics, Summary } from '../../src/core/metrics.js';
import {
  metricsHtml,
  metricsJson,
  metricsMarkdown,
  metricsText,
  type MetricsReport,
} from '../../src/render/metrics.js';
import { plainStyle } from '../../src/render/style.js';
import { expectFits } from '../support/fits.js';
import { expectGolden } from '../support/golden.js';

const none: Summary = {
  offered: 0,
  answered: 0,
  abandoned: 0,
  averageWaitSeconds: null,
  averageHandleSeconds: null,
  serviceLevelPercent: null,
};
const busy: Summary = {
  offered: 412,
  answered: 371,
  abandoned: 38,
  averageWaitSeconds: 48.2,
  averageHandleSeconds: 243.9,
  serviceLevelPercent: 61.4,
};
const calm: Summary = {
  offered: 96,
  answered: 95,
  abandoned: 1,
  averageWaitSeconds: 4,
  averageHandleSeconds: 236,
  serviceLevelPercent: 97.9,
};
const both: Summary = {
  offered: 508,
  answered: 466,
  abandoned: 39,
  averageWaitSeconds: 39.2,
  averageHandleSeconds: 242.3,
  serviceLevelPercent: 68.3,
};

const queue = (name: string, weight: number, figures: Summary): QueueMetrics => ({
  queueId: `id of ${name}`,
  queue: name,
  role: 'target',
  weight,
  target: { percent: 80, withinSeconds: 20 },
  sharedWith: [],
  ...figures,
});

const report: MetricsReport = {
  environment: 'prod',
  organization: { id: 'o', name: 'Acme' },
  mediaType: 'voice',
  from: '2026-11-25T08:00:00.000Z',
  to: '2026-11-25T09:00:00.000Z',
  spanMs: 3_600_000,
  requests: 9,
  strategies: [
    {
      address: 'RoutingStrategy/optimized-support',
      status: 'active',
      total: both,
      queues: [
        queue('Support Tier 1', 0.8, busy),
        {
          ...queue('Support Tier 2', 1, calm),
          sharedWith: ['RoutingStrategy/billing', 'RoutingStrategy/vip'],
        },
        { ...queue('Overflow of support, at night and on Sundays', 0.1, none), role: 'fallback' },
      ],
    },
    {
      address: 'RoutingStrategy/sales',
      status: 'draft',
      total: none,
      queues: [queue('Sales', 1, none)],
    },
  ],
};

describe('metrics', () => {
  it('read as approved', () => {
    expectGolden('metrics.txt', `${metricsText(report, plainStyle)}\n`);
    expectGolden('metrics.md', metricsMarkdown(report));
    expectGolden('metrics.html', metricsHtml(report));
    expectGolden('metrics.json', metricsJson(report));
  });

  it('are read at 40, 80 and 120 columns, whatever the script of a name is', () => {
    const [first, second] = report.strategies;
    const queues = [queue('サポート窓口', 1, busy), queue('👩‍💻 Zoë’s team', 0.5, calm)];
    const wide = { ...second!, address: 'RoutingStrategy/夜間' as const, total: both, queues };
    const strategies = [first!, second!, wide];
    expectFits('metrics', (style) => metricsText({ ...report, strategies }, style), 'Queue');
  });

  it('of nothing say so', () => {
    const empty = { ...report, strategies: [] };
    expect(metricsText(empty, plainStyle)).toContain('Metrics: 0 strategies, 0 queues;');
    expect(metricsHtml(empty)).toContain('Metrics: 0 strategies');
  });

  it('count a queue of two strategies once', () => {
    const [first] = report.strategies;
    const twice = { ...report, strategies: [first!, first!] };
    expect(metricsText(twice, plainStyle)).toContain(
      'Metrics: 2 strategies, 3 queues; 508 offered, 466 answered, 39 abandoned.',
    );
  });

  it('tell queues of one name apart, in every form', () => {
    const [first] = report.strategies;
    const twin = (id: string) => ({ ...queue('Support', 1, busy), queueId: id });
    const queues = [twin('id-of-north'), twin('id-of-south'), queue('Sales', 1, calm)];
    const twins = { ...report, strategies: [{ ...first!, queues }] };
    for (const text of [metricsText(twins, plainStyle), metricsHtml(twins)]) {
      expect(text).toContain('Support [id-of-north]');
      expect(text).toContain('Support [id-of-south]');
      expect(text).not.toContain('Sales [');
    }
    expect(metricsMarkdown(twins)).toMatch(/Support .*id-of-north/);
  });

  it('cannot be broken by the name of a queue', () => {
    const evil = '</title><script>x|`@all`\u202e\n';
    const [first] = report.strategies;
    const hostile = { ...report, strategies: [{ ...first!, queues: [queue(evil, 1, busy)] }] };
    expect(metricsHtml(hostile)).not.toContain('<script');
    expect(metricsText(hostile, plainStyle)).not.toMatch(/\u202e/);
    const row = metricsMarkdown(hostile)
      .split('\n')
      .find((line) => line.includes('script'));
    expect(row?.match(/(?<!\\)\|/g)).toHaveLength(11);
    expect(row).not.toMatch(/@all/);
  });
});
