/** The suite on strategies that have an endpoint of their own, in a simulated org. */
import { conformance } from './cases.js';
import { simulated } from './drivers.js';

conformance(simulated('strategies-api'));
