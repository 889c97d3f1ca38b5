/** The kinds that are reconciled: one line a kind. */
import type { Kind } from '../core/kind.js';
import { dataTable } from './data-table/index.js';
import { emergencyGroup } from './emergency-group/index.js';
import { language } from './language/index.js';
import { queue } from './queue/index.js';
import { routingStrategy } from './routing-strategy/index.js';
import { scheduleGroup } from './schedule-group/index.js';
import { schedule } from './schedule/index.js';
import { skillGroup } from './skill-group/index.js';
import { skill } from './skill/index.js';
import { wrapupCode } from './wrapup-code/index.js';

export const kinds: Readonly<Record<string, Kind>> = {
  RoutingStrategy: routingStrategy,
  Queue: queue,
  Skill: skill,
  Language: language,
  WrapupCode: wrapupCode,
  DataTable: dataTable,
  Schedule: schedule,
  ScheduleGroup: scheduleGroup,
  EmergencyGroup: emergencyGroup,
  SkillGroup: skillGroup,
};

export const reconciledKinds: readonly Kind[] = Object.values(kinds);
