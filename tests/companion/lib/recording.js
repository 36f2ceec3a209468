// The recording of a real server: its rows, what it published, what clients sent and got.

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

const root = new URL('../../../', import.meta.url).pathname;
const folder = process.env.SESERAGI_TRACES ?? join(root, '../shared/traces');

/** Why the recording can't be played, or null if it can. */
export const missing = existsSync(join(folder, 'redis.jsonl.gz'))
  ? null
  : `skipped: no recording in ${folder} (SESERAGI_TRACES names another folder)`;

const read = (name) => readFileSync(join(folder, name));

const parsed = (name) => JSON.parse(name.endsWith('.gz') ? gunzipSync(read(name)) : read(name));

function lines(name) {
  const text = (name.endsWith('.gz') ? gunzipSync(read(name)) : read(name)).toString();
  return text.split('\n').filter((line) => line !== '').map((line) => JSON.parse(line));
}

/** Names, ids, tokens and the host: `{ host, users: { alice: { id, token } }, tokens }`. */
export const readContext = () => parsed('context.json');

/** The types of columns by table, and the rows at the start and at the end. */
export const readRows = () => ({
  columns: parsed('pg_columns.json'),
  start: parsed('pg_start.json.gz'),
  end: parsed('pg.json.gz'),
});

/** Rows of relations as they were again and again: `{ seq, step, label, tables }`. */
export const readSnapshots = () => lines('pgrel.jsonl.gz');

/** Raw requests for a stream and their answers. */
export const readHandshakes = () => lines('handshakes.jsonl');

/** The second, short run. */
export const readExtra = () => lines('extra.jsonl.gz');

/** What a client does, and what was seen of it. */
const DONE = new Set(['connect', 'send', 'client-close', 'client-ping']);
const SEEN = new Set(['recv', 'open', 'rejected', 'close']);

/**
 * The steps in their order. Each has a `number`, a `name`, what is to be `done` in its order
 * (`connect`, `send`, `client-close`, `client-ping`, `publish`, `snapshot`), and what was `seen`
 * then. In a `direct` step somebody put a message straight on Redis.
 */
export function readSteps() {
  const steps = new Map();
  for (const { step: number, name, result, publish } of lines('steps.jsonl.gz')) {
    if (result || name === undefined) continue;
    steps.set(number, { number, name, direct: publish !== undefined, done: [], seen: [] });
  }
  for (const line of lines('frames.jsonl.gz')) {
    if (DONE.has(line.kind)) steps.get(line.step).done.push(line);
    if (SEEN.has(line.kind)) steps.get(line.step).seen.push(line);
  }
  const published = lines('redis.jsonl.gz').map((line) => ({ ...line, kind: 'publish' }));
  const snapshots = readSnapshots().map((line) => ({ ...line, kind: 'snapshot' }));
  for (const line of [...published, ...snapshots]) steps.get(line.step).done.push(line);
  for (const step of steps.values()) step.done.sort((a, b) => a.seq - b.seq);
  return [...steps.values()].sort((a, b) => a.number - b.number);
}
