// The page at `/`, as a person sees it in a browser.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { chromium } from 'playwright-core';
import { Log } from '../lib/log.js';
import { Server } from '../lib/server.js';
import { newWorld } from '../lib/world.js';

const world = await newWorld();
const { alice, bob } = await world.people('alice', 'bob');
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: [
    '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
    '--disable-background-networking', '--disable-component-update', '--disable-sync',
  ],
});
after(() => browser.close());

/**
 * Stands between a page and its stream to learn which notes the server has captured for it. What
 * happens to a note before that doesn't come. Requests are handled in order, so one that is
 * answered is sent behind each capture.
 */
async function watchCaptures(page) {
  const captures = new Log();
  const mark = 'captured ';
  await page.routeWebSocket(/\/streaming/, (client) => {
    const server = client.connectToServer();
    client.onMessage((message) => {
      server.send(message);
      const { type, body } = JSON.parse(message);
      if (type !== 'subNote') return;
      const id = mark + body.id;
      const connect = { channel: 'hashtag', id, params: { q: [[id]] }, pong: true };
      server.send(JSON.stringify({ type: 'connect', body: connect }));
      server.send(JSON.stringify({ type: 'disconnect', body: { id } }));
    });
    server.onMessage((message) => {
      const { type, body } = JSON.parse(message);
      const mine = type === 'connected' && body.id.startsWith(mark);
      if (mine) captures.push(body.id.slice(mark.length));
      else client.send(message);
    });
  });
  return (note) => captures.until((id) => id === note.id, 'a capture');
}

/** Opens the page and waits until it is live; complaints of the browser fail the test. */
async function openPage(context, origin = world.origin) {
  const page = await browser.newPage();
  context.after(() => page.close());
  const complaints = [];
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(String(error)));
  const captured = await watchCaptures(page);
  await page.goto(origin);
  await page.getByText('live', { exact: true }).waitFor();
  return { page, complaints, captured };
}

test('a note appears, then its reactions', async (context) => {
  const { page, complaints, captured } = await openPage(context);
  const note = await alice.note('hello, browser');
  const item = page.locator('li.note', { hasText: 'hello, browser' });
  await item.waitFor();
  assert.match(await item.innerText(), new RegExp(`@${alice.username}`));
  await captured(note);
  await bob.react(note, '🎉');
  await item.getByText('🎉 1').waitFor();
  await alice.react(note, '🎉');
  await item.getByText('🎉 2').waitFor();
  await bob.unreact(note);
  await item.getByText('🎉 1').waitFor();
  assert.deepEqual(complaints, []);
});

test('a note that was there before is there, and is live as well', async (context) => {
  const note = await alice.note('here before you');
  const { page, captured } = await openPage(context);
  const item = page.locator('li.note', { hasText: 'here before you' });
  await item.waitFor();
  await captured(note);
  await bob.react(note, '👍');
  await item.getByText('👍 1').waitFor();
});

test('a note is text, whatever it looks like', async (context) => {
  const { page, complaints } = await openPage(context);
  await alice.note('<img src=x onerror="document.title=1"> & <b>bold</b>');
  const item = page.locator('li.note', { hasText: '<b>bold</b>' });
  await item.waitFor();
  assert.equal(await item.locator('.text > *').count(), 0);
  assert.deepEqual(complaints, []);
});

test('the page comes back when the server does', async (context) => {
  const first = await Server.start();
  const { page } = await openPage(context, first.origin);
  await first.stop();
  await page.getByText('reconnecting').waitFor();
  const second = await Server.start({ port: first.port });
  context.after(() => second.stop());
  await page.getByText('live', { exact: true }).waitFor();
});
