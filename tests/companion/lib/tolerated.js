// What differs from the recording, and why: the machinery that holds it to that. The
// differences themselves are in `tolerance.js`.
//
// A row names steps, connections and channels one by one, and every combination must differ in
// just that way, once: a row that no longer applies, or applies less, fails.

const keyOf = ({ step, conn, channel = '', frame = '', what, path = '' }) =>
  [step, conn, channel, frame, what, path].join(' | ');

/** A difference as a failed test shows it: with what it is about, which may be of another step. */
const told = ({ ours, ...difference }) =>
  [keyOf(difference), ours?.body?.body?.id].filter((part) => part !== undefined).join(' | ');

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
  #unjoined = new Map();
  #steps;

  /**
   * @param {object[]} rows differences: `lost` is what the recorded server sent and this one
   *   must not, `gained` what it did not send to this channel, `changed` another value at `path`
   * @param {object[]} unjoined channels that the recorded server answered and this one does not
   *   join: the answer has to be missing, and nothing may ever come
   * @param {object[]} steps the recorded steps, for rows with `like`
   */
  constructor(rows, unjoined = [], steps = []) {
    this.#steps = steps;
    for (const row of rows) {
      for (const key of combinations(row)) this.#left.set(key, row);
    }
    for (const { conns, channels, reason } of unjoined) {
      for (const conn of conns) {
        for (const channel of channels) this.#unjoined.set(`${conn} | ${channel}`, { reason, seen: false });
      }
    }
  }

  /** The differences that no row names; each row covers a difference once. */
  unexplained(differences) {
    return differences.filter((difference) => !this.#explains(difference)).map(told);
  }

  #explains(difference) {
    const unjoined = this.#unjoined.get(`${difference.conn} | ${difference.channel}`);
    if (unjoined && difference.what === 'lost') {
      unjoined.seen ||= difference.frame === 'connected';
      return unjoined.seen;
    }
    const key = keyOf(difference);
    const row = this.#left.get(key);
    return row !== undefined && this.#isHarmless(difference, row) && this.#left.delete(key);
  }

  /**
   * Whether nobody learns more than the recorded server told them: what is sent in addition, it
   * sent to this very user on another channel, or of its kind on this one once it had noticed.
   */
  #isHarmless({ conn, channel, frame, what, shown }, { like }) {
    if (!['gained', 'changed'].includes(what) || shown || frame === 'connected') return true;
    const later = this.#steps.find(({ number }) => number === like);
    return later?.seen.some((line) => {
      if (line.conn !== conn || line.kind !== 'recv') return false;
      const { body } = JSON.parse(line.text);
      return body.id === channel && body.type === frame;
    });
  }

  /** What rows name and nothing showed. */
  get unused() {
    return [
      ...[...this.#left].map(([key, { reason }]) => `${key}: ${reason}`),
      ...[...this.#unjoined].filter(([, { seen }]) => !seen).map(([key, { reason }]) => `${key}: ${reason}`),
    ];
  }
}
