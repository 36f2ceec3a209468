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

/** How connections of the second run are called. */
export const SECOND = 'second:';

/**
 * The second, short run, as one step behind all others. What came of the statistics of the machine
 * is `bridged`: nothing but Misskey itself can tell it.
 */
function readSecond(number) {
  const step = { number, name: 'the second run', direct: false, done: [], seen: [] };
  const { users } = readContext();
  const opened = new Set();
  for (const { kind, conn: name, text, raw } of lines('extra.jsonl.gz')) {
    const conn = `${SECOND}${name}`;
    const line = { seq: Infinity, step: number, kind, conn, text };
    if (kind === 'send' && !opened.has(conn)) {
      opened.add(conn);
      const token = users[name]?.token;
      step.done.push({ ...line, kind: 'connect', url: token ? `/streaming?i=${token}` : '/streaming', headers: {} });
    }
    if (kind === 'send') step.done.push(line);
    if (kind === 'redis') step.done.push({ ...line, kind: 'publish', raw });
    if (kind !== 'recv') continue;
    step.seen.push(line);
    if (/"type":"stats(Log)?"/.test(text)) step.done.push({ ...line, kind: 'bridged' });
  }
  return step;
}

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
  const handshakes = readHandshakes().map((line) => ({ ...line, kind: 'handshake' }));
  for (const line of [...published, ...snapshots, ...handshakes]) steps.get(line.step).done.push(line);
  for (const step of steps.values()) step.done.sort((a, b) => a.seq - b.seq);
  const inOrder = [...steps.values()].sort((a, b) => a.number - b.number);
  return [...inOrder, readSecond(inOrder.at(-1).number + 1)];
}
