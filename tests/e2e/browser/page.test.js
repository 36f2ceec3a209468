// The page at `/`, as a person sees it in a browser.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { chromium } from 'playwright-core';
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

/** Opens the page and waits until it is live; complaints of the browser fail the test. */
async function openPage(context, origin = world.origin) {
  const page = await browser.newPage();
  context.after(() => page.close());
  const complaints = [];
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(String(error)));
  await page.goto(origin);
  await page.getByText('live', { exact: true }).waitFor();
  return { page, complaints };
}

test('a note appears, then its reactions', async (context) => {
  const { page, complaints } = await openPage(context);
  const note = await alice.note('hello, browser');
  const item = page.locator('li.note', { hasText: 'hello, browser' });
  await item.waitFor();
  assert.match(await item.innerText(), new RegExp(`@${alice.username}`));
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
  const { page } = await openPage(context);
  const item = page.locator('li.note', { hasText: 'here before you' });
  await item.waitFor();
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
