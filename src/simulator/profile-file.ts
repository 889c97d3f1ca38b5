/** A profile: the report of a doctor, whose observations a simulated org takes for its manners. */
import type { DoctorReport, OrgObserved } from '../generated/types.js';
import { loadChecked, type CheckedSource } from './checked-file.js';

/** What was observed. Throws one `InvalidInput` that carries every problem found. */
export async function loadProfile(source: CheckedSource): Promise<OrgObserved> {
  const value = await loadChecked(source, {
    what: 'report of a doctor',
    mayBeEmpty: false,
    validator: async () =>
      (await import('../generated/doctor-report-validator.js')).validateDoctorReport,
    check: ({ observed }) =>
      observed === undefined
        ? [{ keys: [], code: 'no-profile', message: 'it has nothing that was observed' }]
        : [],
  });
  return (value as unknown as DoctorReport).observed;
}
