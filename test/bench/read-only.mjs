// The yardstick of `audit verify`: reads the same log, and makes a value and a hash of every line.
import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';

let records = 0;
let last = '';
const text = readFileSync(process.argv[2], 'utf8');
for (let start = 0, end = 0; (end = text.indexOf('\n', start)) !== -1; start = end + 1) {
  const line = text.slice(start, end);
  if (JSON.parse(line) !== undefined) records += 1;
  last = hash('sha256', line);
}
console.log(records, last);
