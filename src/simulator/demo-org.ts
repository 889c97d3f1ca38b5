/** The org that is simulated when no org file is given: a small contact centre. */
import type { OrgFile } from './org-file-types.js';

/** What a plan needs to read, and nothing that writes. */
const READ_ONLY = [
  'routing:strategy:view',
  'routing:queue:view',
  'routing:skill:view',
  'routing:utilization:view',
  'analytics:queueObservation:view',
  'analytics:conversationAggregate:view',
  'audits:audit:view',
  'directory:user:view',
  'architect:dependencyTracking:view',
  'architect:datatable:view',
  'architect:datatableRow:view',
];

const SUPPORT = 'Customer Support';
const BILLING = 'Billing';
const SALES = 'Sales';

/** Those who interact are as many as the queues' `interacting` together. No strategies yet. */
export const DEMO_ORG: OrgFile = {
  organization: { name: 'Demo' },
  clients: [
    { id: 'demo', secret: 'demo', permissions: ['*'] },
    { id: 'planner', secret: 'planner', permissions: READ_ONLY },
    { id: 'admin-ui', secret: 'admin-ui', permissions: ['*'], user: 'Ada' },
  ],
  skills: [SUPPORT, BILLING, SALES],
  users: [
    { name: 'Ada', skills: [SUPPORT, BILLING], status: 'idle' },
    { name: 'Ben', skills: [SUPPORT], status: 'interacting' },
    { name: 'Chiara', skills: [SUPPORT], status: 'idle' },
    { name: 'Dmitri', skills: [SUPPORT], status: 'interacting' },
    { name: 'Emeka', skills: [SUPPORT, SALES], status: 'idle' },
    { name: 'Fatima', skills: [SUPPORT], status: 'idle' },
    { name: 'Goran', skills: [BILLING], status: 'interacting' },
    { name: 'Hana', skills: [BILLING], status: 'idle' },
    { name: 'Ivan', skills: [BILLING, SUPPORT], status: 'idle' },
    { name: 'Jun', skills: [SALES], status: 'interacting' },
    { name: 'Kofi', skills: [SALES], status: 'idle' },
    { name: 'Lucia', skills: [SALES, BILLING], status: 'offQueue' },
  ],
  queues: [
    { name: 'Support Tier 1', members: ['Ada', 'Ben', 'Chiara'], interacting: 1, waiting: 1 },
    { name: 'Support Tier 2', members: ['Dmitri', 'Emeka', 'Fatima'], interacting: 1 },
    { name: 'Support Overflow', members: ['Fatima', 'Ivan'] },
    { name: 'Billing', members: ['Goran', 'Hana', 'Ivan'], interacting: 1 },
    { name: 'Billing Overflow', members: ['Ada', 'Lucia'] },
    { name: 'Sales', members: ['Jun', 'Kofi', 'Lucia'], interacting: 1 },
    { name: 'Sales Overflow', members: ['Emeka', 'Kofi'] },
  ],
  utilization: { call: 1 },
};
