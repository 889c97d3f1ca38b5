/** The suite on strategies that are rows of a data table, in a simulated org. */
import { conformance } from './cases.js';
import { simulated } from './drivers.js';

conformance(simulated('datatable'));
