// The yardstick of `validate` and `plan`: read the same files, hash them, and let the parsers alone
// make values of them: `yaml` of manifests, and of what an org has answered (*.json) `JSON.parse`.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseAllDocuments } from 'yaml';

let documents = 0;
const hash = createHash('sha256');
for (const folder of process.argv.slice(2)) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const { name } = entry;
    if (!entry.isFile()) continue;
    const text = readFileSync(path.join(folder, name), 'utf8');
    hash.update(text);
    if (!name.endsWith('.json')) documents += parseAllDocuments(text).length;
    else if (JSON.parse(text) !== undefined) documents += 1;
  }
}
console.log(documents, hash.digest('hex'));
