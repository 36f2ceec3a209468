// `--compression on` in Chromium: what comes says the same as without.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { launch } from '../lib/browser.js';
import { assertSame, byChannel, JOINS, liven, Texts, TIMELINES } from '../lib/texts.js';
import { newWorld } from '../lib/world.js';

const world = await newWorld({ args: ['--compression', 'on'] });
const { alice, bob } = await world.people('alice', 'bob');
await alice.follow(bob);
const browser = await launch();
after(() => browser.close());

test('Chromium gets the same compressed as others plain', async (context) => {
  const plain = await Texts.open(world, alice.token, false);
  const page = await browser.newPage();
  context.after(() => page.close());
  await page.goto(world.origin);
  const extensions = await page.evaluate(async ([token, joins]) => {
    const origin = location.origin.replace('http', 'ws');
    const socket = new WebSocket(`${origin}/streaming?i=${token}`);
    globalThis.texts = [];
    socket.onmessage = ({ data }) => globalThis.texts.push(data);
    await new Promise((resolve) => { socket.onopen = resolve; });
    for (const join of joins) socket.send(join);
    return socket.extensions;
  }, [alice.token, JOINS]);
  assert.match(extensions, /^permessage-deflate; server_no_context_takeover/);
  await page.waitForFunction(() => globalThis.texts.some((text) => text.includes('the localTimeline')));
  const end = await liven(alice, bob);
  const expected = await plain.upTo(end);
  const ended = ([mark, timelines]) => timelines.every((timeline) =>
    globalThis.texts.some((text) => text.includes(mark) && text.includes(timeline)));
  await page.waitForFunction(ended, [end, TIMELINES]);
  const texts = await page.evaluate(() => globalThis.texts);
  assertSame(byChannel(texts), expected);
});
