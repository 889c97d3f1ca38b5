/**
 * strategos for programs: `import { plan } from 'strategos'`. What the commands of the same names
 * do, without a terminal: nothing is printed and nobody is asked. What is wrong with manifests is a
 * value; everything else that a call cannot go on from is thrown as an `AppError`.
 */
export { loadManifests, validate } from './manifests.js';
export type { LoadOptions, Manifests, Validation } from './manifests.js';
export { apply, plan } from './org.js';
export type { Applied, ApplyOptions, PlanOptions } from './org.js';
export {
  AppError,
  EXIT,
  Interrupted,
  InvalidInput,
  PlatformError,
  Refused,
} from '../core/errors.js';
export { WrongUsage } from '../core/errors.js';
export type { ExitCode, PlatformFault } from '../core/errors.js';
export type { Issue, Location } from '../core/issue.js';
export type { Json, JsonObject } from '../core/json.js';
export type { Change, CheckResult, FieldChange, GuardResult, Manifest } from '../core/types.js';
export type { Outcome, OutcomeState, Plan } from '../core/types.js';
