// What differs between the frames of a recorded connection and ours, channel by channel.

import { isDeepStrictEqual } from 'node:util';

/** What a frame belongs to: the client's own name of a channel, or its type where it has none. */
const channelOf = ({ type, body }) =>
  (type === 'channel' || type === 'connected' ? body.id : type);

/** What kind of event a frame tells of, such as `note`, `notification mention`, `connected`. */
export function kindOf({ type, body }) {
  if (type !== 'channel' && type !== 'noteUpdated') return type;
  return body.type === 'notification' ? `notification ${body.body.type}` : String(body.type);
}

/** What an event is about. */
function subjectOf({ type, body }) {
  if (type === 'noteUpdated') return body.id;
  return typeof body?.body === 'object' ? body.body?.id : undefined;
}

const signature = (frame) => `${kindOf(frame)} ${subjectOf(frame)}`;

function byChannel(frames) {
  const channels = new Map();
  for (const frame of frames) {
    const channel = channelOf(frame);
    if (!channels.has(channel)) channels.set(channel, []);
    channels.get(channel).push(frame);
  }
  return channels;
}

/**
 * The differences of `ours` from `recorded`, each `{ channel, frame, what }`. `what` is `lost`
 * (recorded, not here), `gained` (here, not recorded) or `changed` with the `path` of a value;
 * the latter two with `ours`, the frame that came here.
 * What came in another order is both lost and gained.
 */
export function compare(recorded, ours) {
  const [theirs, mine] = [byChannel(recorded), byChannel(ours)];
  const channels = [...new Set([...theirs.keys(), ...mine.keys()])];
  return channels.flatMap((channel) =>
    align(theirs.get(channel) ?? [], mine.get(channel) ?? [])
      .map((difference) => ({ channel, ...difference })));
}

/** Pairs off two lists by their longest common subsequence; the rest is lost or gained. */
function align(were, are) {
  const common = lengths(were.map(signature), are.map(signature));
  const found = [];
  let [i, j] = [0, 0];
  while (i < were.length || j < are.length) {
    const same = i < were.length && j < are.length && signature(were[i]) === signature(are[j]);
    if (same) {
      const frame = kindOf(were[i]);
      const ours = are[j];
      found.push(...paths(were[i], ours).map((path) => ({ frame, what: 'changed', path, ours })));
      i += 1;
      j += 1;
    } else if (j === are.length || (i < were.length && common[i + 1][j] >= common[i][j + 1])) {
      found.push({ frame: kindOf(were[i]), what: 'lost' });
      i += 1;
    } else {
      found.push({ frame: kindOf(are[j]), what: 'gained', ours: are[j] });
      j += 1;
    }
  }
  return found;
}

/** `result[i][j]` is how much `a` from `i` and `b` from `j` have in common. */
function lengths(a, b) {
  const result = Array.from({ length: a.length + 1 }, () => new Array(b.length + 1).fill(0));
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) {
      result[i][j] = a[i] === b[j]
        ? result[i + 1][j + 1] + 1
        : Math.max(result[i + 1][j], result[i][j + 1]);
    }
  }
  return result;
}

const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

/** The paths of the values that differ, such as `body.body.renote.myReaction`. */
export function paths(was, is, path = []) {
  if (isDeepStrictEqual(was, is)) return [];
  if (!isObject(was) || !isObject(is)) return [path.join('.')];
  return [...new Set([...Object.keys(was), ...Object.keys(is)])]
    .flatMap((key) => paths(was[key], is[key], [...path, key]));
}
