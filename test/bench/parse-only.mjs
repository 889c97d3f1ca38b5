// The yardstick of `validate`: read the same files and let the parser alone make documents of them.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseAllDocuments } from 'yaml';

const [folder] = process.argv.slice(2);
let documents = 0;
for (const name of readdirSync(folder)) {
  const text = readFileSync(path.join(folder, name), 'utf8');
  documents += parseAllDocuments(text).length;
}
console.log(documents);
