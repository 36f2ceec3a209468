// Comparing what a connection got with what the recorded one got, channel by channel.

import { differences } from './shape.js';
import { CLOCKED } from './tolerated.js';

/** The frames of each channel, in order; captured notes and `connected` are by themselves. */
function byChannel(frames) {
  const channels = new Map();
  for (const frame of frames) {
    const key = frame.type === 'channel' ? frame.body.id : frame.type;
    if (!channels.has(key)) channels.set(key, []);
    channels.get(key).push(frame);
  }
  return channels;
}

/** What kind of event a frame tells of, such as `note` or `notification mention`. */
function kindOf({ type, body }) {
  if (type === 'connected') return `connected ${body.id}`;
  if (type !== 'channel' && type !== 'noteUpdated') return type;
  return body.type === 'notification' ? `notification ${body.body.type}` : body.type;
}

const clocked = (frame) => CLOCKED.includes(kindOf(frame));

/** What an event is about: a note, a user, a message, what is gone, or a note that is captured. */
const subject = ({ type, body }) => {
  if (type === 'noteUpdated') return body.id;
  return typeof body?.body === 'string' ? body.body : body?.body?.id ?? body?.body?.messageId;
};

const signatures = (frames, name) =>
  (frames ?? []).map((frame) => `${kindOf(frame)} ${name(subject(frame))}`);

/**
 * Compares frames; learns ids where the events are the same.
 * @returns {{ events: string[], shapes: object[] }} what differs
 */
export function compareFrames(recorded, ours, ids) {
  const [theirs, mine] = [recorded, ours].map((frames) =>
    byChannel(frames.filter((frame) => !clocked(frame))));
  const found = { events: [], shapes: [] };
  for (const channel of new Set([...theirs.keys(), ...mine.keys()])) {
    const [were, are] = [theirs.get(channel), mine.get(channel)];
    const expected = signatures(were, (id) => ids.nameRecorded(id));
    const actual = signatures(are, (id) => ids.nameOurs(id));
    if (expected.join() !== actual.join()) {
      found.events.push(`${channel}: recorded [${expected.join(', ')}], here [${actual.join(', ')}]`);
      continue;
    }
    were?.forEach((frame, i) => {
      ids.learnAll(frame, are[i]);
      found.shapes.push(...differences(frame.body, are[i].body, [kindOf(frame)]));
    });
  }
  return found;
}
