/**
 * `npm run check`: types, lint, format and what nobody uses, side by side. What each says is printed
 * as a whole, in the order of this list, and the exit code is 1 when any of them objects.
 */
import { spawn } from 'node:child_process';

const CHECKS = ['check:types', 'check:lint', 'check:format', 'check:unused'];

function started(script) {
  const child = spawn('npm', ['run', '--silent', script], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => (output += text));
  }
  const startedAt = Date.now();
  return new Promise((resolve) => {
    child.once('close', (code) => {
      resolve({ script, code, output, seconds: (Date.now() - startedAt) / 1000 });
    });
  });
}

for (const check of CHECKS.map(started)) {
  const { script, code, output, seconds } = await check;
  console.log(`${code === 0 ? 'ok    ' : 'FAILED'} ${script} (${seconds.toFixed(1)} s)`);
  if (code !== 0) {
    console.log(output);
    process.exitCode = 1;
  }
}
