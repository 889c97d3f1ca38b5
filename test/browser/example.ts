/** What a page of a small centre shows: every section has something in it. */
import type { StrategyView, View, Way } from '../../src/view/model.js';

function way(queue: string, more: Partial<Way> = {}): Way {
  return {
    queueId: queue,
    queue,
    role: 'target',
    tier: 1,
    weight: 1,
    share: 1,
    capacity: 8,
    ...more,
  };
}

const SALES: StrategyView = {
  address: 'RoutingStrategy/sales',
  name: 'sales',
  status: 'active',
  whose: null,
  ways: [
    way('Sales', { weight: 0.7, share: 0.7 }),
    way('Sales Overflow', { role: 'fallback', capacity: null }),
  ],
  planned: null,
  action: null,
};

const BILLING: StrategyView = {
  ...SALES,
  address: 'RoutingStrategy/billing',
  name: 'billing',
  ways: [way('Billing')],
  planned: [way('Billing', { capacity: 9 })],
  action: 'update',
};

const PART = { offered: 20, answered: 18, abandoned: 2, waitSeconds: 12.4, inTime: 0.8 };
const TIMES = ['2026-11-26T08:00:00.000Z', '2026-11-26T08:15:00.000Z', '2026-11-26T08:30:00.000Z'];

export const exampleView: View = {
  at: '2026-11-26T09:00:00.000Z',
  version: '0.1.0',
  environment: { name: 'prod', organization: 'Acme', host: 'mypurecloud.ie', backend: 'datatable' },
  interval: null,
  strategies: [BILLING, SALES],
  queues: [
    {
      id: 'Sales',
      name: 'Sales of a department with a name that is long enough to be cut on a telephone',
      onQueue: 4,
      interacting: 4,
      waiting: 3,
      longestWaitSeconds: 74,
      slots: 4,
      occupancy: 1,
      withinSeconds: 20,
      targetPart: 0.8,
      inTime: 0.62,
      averageWaitSeconds: 41,
      abandoned: 5,
      trouble: 'calls wait and every agent is busy',
      severity: 2,
    },
    {
      id: 'Billing',
      name: 'Billing',
      onQueue: 3,
      interacting: 1,
      waiting: 0,
      longestWaitSeconds: null,
      slots: 3,
      occupancy: 1 / 3,
      withinSeconds: 20,
      targetPart: 0.8,
      inTime: 0.93,
      averageWaitSeconds: 6.2,
      abandoned: 0,
      trouble: '',
      severity: 0,
    },
  ],
  levels: { busy: 0.75, full: 0.9 },
  tuned: [
    {
      address: SALES.address,
      name: 'sales',
      bounds: { min: 0.1, max: 1 },
      queues: ['Sales', 'Sales Overflow'],
      rounds: TIMES.map((at, index) => ({
        at,
        run: `2026112${index}-optimize`,
        state: 'moved',
        reason: '',
        before: [0.7, 0.3],
        weights: [0.7 - 0.05 * index, 0.3],
        aims: [0.5, 0.3],
        occupancy: [0.9, 0.2],
      })),
    },
  ],
  plan: {
    summary: 'Plan: 0 to create, 1 to change, 0 to delete, 0 to adopt; 1 unchanged.',
    digest: `sha256:${'0123456789abcdef'.repeat(4)}`,
    alarms: ['guard: maxChanges: 1 of 1 would change'],
    notes: ['elsewhere: 2 strategies of ours stay behind'],
    changes: [
      {
        sign: '~',
        action: 'update',
        address: BILLING.address,
        remark: '',
        tables: [
          {
            title: null,
            head: ['Field', 'Old', 'New', 'Line'],
            rows: [['targets["Billing"].capacity', '8', '9', 'strategies/billing.yaml:13']],
          },
        ],
        checks: [
          { state: 'good', text: 'capacity: Billing: 2 of 3 slots free' },
          { state: 'warn', text: 'skills: Billing: 1 of 3 agents has "Billing" (warning only)' },
        ],
        prediction: {
          lines: ["≈ next hour at today's arrivals (3 h of data, 212 calls)"],
          queues: [
            {
              queue: 'Billing',
              withinSeconds: 20,
              before: 0.82,
              after: 0.74,
              low: -0.09,
              high: -0.05,
              hourLow: 0.66,
              hourHigh: 0.82,
              waitBefore: 8,
              waitAfter: 14,
            },
          ],
        },
      },
    ],
    blocked: [
      {
        address: 'RoutingStrategy/old',
        how: 'could not be compared',
        texts: ['queue "Old" is not there → name it'],
      },
    ],
  },
  drift: {
    summary: 'Drift: 1 strategy was changed in the org since the last apply; 1 unchanged.',
    head: ['Field', 'In git', 'In the org', 'Last applied', 'Who', 'Line'],
    objects: [
      {
        address: SALES.address,
        text: 'was changed in the org',
        by: null,
        rows: [
          {
            field: 'targets["Sales"].weight',
            git: '0.7',
            org: '0.5',
            applied: '0.7',
            who: 'by Ada, from 203.0.113.7 (target_01_weight)',
            at: '2026-11-23T07:31:02.000Z',
            line: 'strategies/sales.yaml:12',
          },
        ],
      },
    ],
    pending: '1 strategy differs because git says something new; plan shows it: billing',
  },
  runs: [
    {
      id: '20261126T084500000Z-apply-1b2c3d4e',
      command: 'apply',
      actor: 'ada',
      at: '2026-11-26T08:45:00.000Z',
      until: '2026-11-26T08:45:04.000Z',
      state: 'applied',
      mark: 'good',
      problems: [],
      count: 1,
      writes: 5,
      objects: 1,
      records: [
        {
          seq: 1,
          at: '2026-11-26T08:45:01.000Z',
          what: 'outcome create',
          address: SALES.address,
          request: 'POST /api/v2/flows/datatables/t/rows 200',
          outcome: 'sent',
        },
      ],
    },
    {
      id: '20261126T080000000Z-apply-5f6a7b8c',
      command: 'apply',
      actor: 'ada',
      at: '2026-11-26T08:00:00.000Z',
      until: null,
      state: 'did not end',
      mark: 'warn',
      problems: ['record 3 does not follow the one before'],
      count: 0,
      writes: 0,
      objects: 0,
      records: [],
    },
  ],
  events: [
    {
      at: '2026-11-26T08:45:01.000Z',
      who: 'ada',
      action: 'Update',
      what: SALES.address,
      run: '20261126T084500000Z-apply-1b2c3d4e',
      from: '203.0.113.7',
      changes: [{ property: 'target_01_weight', before: '0.7', after: '0.5' }],
    },
  ],
  hasAllEvents: true,
  metrics: {
    isKnown: true,
    from: '2026-11-26T03:00:00.000Z',
    to: '2026-11-26T09:00:00.000Z',
    partMinutes: 15,
    queues: [
      {
        id: 'Sales',
        name: 'Sales',
        parts: TIMES.map((at) => ({ at, ...PART })),
        total: { ...PART, offered: 60 },
      },
    ],
  },
  missing: [{ what: "the platform's audit", why: 'the role lacks audits:audit:view' }],
};

export function largeView(count: number): View {
  const strategies = Array.from({ length: count }, (_, index): StrategyView => ({
    ...SALES,
    address: `RoutingStrategy/strategy ${index}`,
    name: `strategy ${index}`,
  }));
  return { ...exampleView, strategies };
}
