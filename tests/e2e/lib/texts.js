// What a stream brings, text by text, so that two clients can be held against each other.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { Log } from './log.js';
import { newMark } from './listener.js';

/** What each of them says, in this order. */
export const JOINS = ['main', 'homeTimeline', 'localTimeline'].map((channel) =>
  JSON.stringify({ type: 'connect', body: { channel, id: `the ${channel}`, pong: true } }));

/** Where the last note of a scene comes. */
export const TIMELINES = ['the homeTimeline', 'the localTimeline'];

/** Something long that repeats itself little. */
export function longText(chars) {
  let text = '';
  for (let at = 1; text.length < chars; at += 1) text += `${(at * 2_654_435_761) % 4_294_967_296} 瀬々らぎ 🌊\n`;
  return text.slice(0, chars);
}

/** The stream of one user under `ws`. */
export class Texts {
  #log = new Log();

  /** Opens a stream, with these settings of `perMessageDeflate`, and joins the channels. */
  static async open(world, token, perMessageDeflate) {
    const texts = new Texts();
    const url = `${world.origin.replace('http', 'ws')}/streaming?i=${token}`;
    texts.ws = new WebSocket(url, { perMessageDeflate });
    texts.ws.on('message', (data) => texts.#log.push(String(data)));
    await once(texts.ws, 'open');
    for (const join of JOINS) texts.ws.send(join);
    await texts.until((text) => text.includes('the localTimeline'));
    return world.own(texts);
  }

  /** How many bytes the server has sent. */
  get bytes() {
    return this.ws._socket.bytesRead;
  }

  until(wanted) {
    return this.#log.until(wanted, 'a text');
  }

  /** All texts up to the one with the end of a scene, by channel. */
  async upTo(end) {
    for (const timeline of TIMELINES) {
      await this.until((text) => text.includes(end) && text.includes(timeline));
    }
    return byChannel(this.#log.take());
  }

  async close() {
    this.ws.terminate();
  }
}

/** The texts of each channel in their order; what comes seconds later is left out. */
export function byChannel(texts) {
  const channels = {};
  for (const text of texts) {
    const { type, body } = JSON.parse(text);
    if (body.type === 'unreadNotification') continue;
    (channels[`${type} ${body.id}`] ??= []).push(text);
  }
  return channels;
}

/** That two clients got the same, without showing all of it where they did not. */
export function assertSame(found, expected) {
  assert.deepEqual(Object.keys(found).sort(), Object.keys(expected).sort());
  for (const [channel, texts] of Object.entries(expected)) {
    assert.equal(found[channel].length, texts.length, `of ${channel}`);
    for (const [at, text] of texts.entries()) {
      assert.ok(found[channel][at] === text, `text ${at} of ${channel}: ${text.slice(0, 200)}`);
    }
  }
}

/** Notes of all sizes and kinds, from people whom `reader` follows; gives the end of the last one. */
export async function liven(reader, writer) {
  await writer.note('short');
  const long = await writer.note(longText(2_900));
  await writer.note({ text: longText(1_000), cw: 'behind "quotes" \\ and \u2028 lines' });
  await reader.react(long);
  await writer.renote(long);
  await writer.quote(long, longText(2_000));
  await writer.note({ text: longText(700), visibility: 'followers' });
  await writer.note(`@${reader.username} ${longText(600)}`);
  const end = newMark();
  await writer.note(`the end ${end} ${'せせらぎ'.repeat(300)}`);
  return end;
}
