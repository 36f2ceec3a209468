// What may differ from the recording, and why.
//
// A row names steps, connections and channels one by one, and every combination must differ in
// just that way: a row that no longer applies, or applies less, fails. `lost` is an event that
// the recorded server sent and this one must not; `gained` is one that it did not send to this
// channel, which needs the step that shows it sending the like (`like`).

/** @type {{ steps: number[], conns: string[], channels?: string[], frame?: string, what: string, path?: string, reason: string }[]} */
export const ROWS = [
];

const keyOf = ({ step, conn, channel = '', frame = '', what, path = '' }) =>
  [step, conn, channel, frame, what, path].join(' | ');

/** All the differences that a row names. */
function* combinations({ steps, conns, channels = [undefined], frame, what, path }) {
  for (const step of steps) {
    for (const conn of conns) {
      for (const channel of channels) yield keyOf({ step, conn, channel, frame, what, path });
    }
  }
}

export class Tolerance {
  #left = new Map();

  constructor(rows = ROWS) {
    for (const row of rows) {
      for (const key of combinations(row)) {
        for (let n = 0; n < (row.times ?? 1); n += 1) {
          if (!this.#left.has(key)) this.#left.set(key, []);
          this.#left.get(key).push(row);
        }
      }
    }
  }

  /** The differences that no row names; each row covers a difference once. */
  unexplained(differences) {
    return differences.map(keyOf).filter((key) => this.#left.get(key)?.pop() === undefined);
  }

  /** What rows name and nothing showed. */
  get unused() {
    return [...this.#left].filter(([, rows]) => rows.length > 0)
      .map(([key, rows]) => `${key}: ${rows[0].reason}`);
  }
}
