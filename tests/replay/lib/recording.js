// The recording of a real server: what was asked of it, step by step, what it answered, and
// what its open connections were sent meanwhile.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

const root = new URL('../../../', import.meta.url).pathname;
const folder = process.env.SESERAGI_TRACES ?? join(root, '../shared/traces');

/** Why the recording can't be replayed, or null if it can. */
export const missing = existsSync(join(folder, 'steps.jsonl.gz'))
  ? null
  : `skipped: no recording in ${folder} (SESERAGI_TRACES names another folder)`;

function lines(name) {
  const text = gunzipSync(readFileSync(join(folder, `${name}.jsonl.gz`))).toString();
  return text.split('\n').filter((line) => line !== '').map((line) => JSON.parse(line));
}

/**
 * The steps in their order, each with `number`, `name`, `user`, `endpoint`, `body`, `answer`
 * (`status` and `res`), and what these connections `sent` and `received`.
 */
export function readSteps(connections) {
  const steps = new Map();
  for (const line of lines('steps')) {
    if (line.result) {
      steps.get(line.step).answer = { status: line.status, res: line.res };
    } else if (line.name !== undefined) {
      const { step: number, name, user, endpoint, body } = line;
      steps.set(number, { number, name, user, endpoint, body, sent: [], received: [] });
    }
  }
  for (const { step, conn, kind, text } of lines('frames')) {
    const list = { send: 'sent', recv: 'received' }[kind];
    if (list && text !== undefined && connections.includes(conn)) {
      steps.get(step)?.[list].push({ conn, text });
    }
  }
  return [...steps.values()].sort((a, b) => a.number - b.number);
}

/** Names and tokens: `{ users: { alice: { id, token } }, tokens: { alice_read } }`. */
export function readContext() {
  return JSON.parse(readFileSync(join(folder, 'context.json')));
}
