// The live view of the console, as people see it in a browser.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Console, launch } from '../lib/browser.js';
import { Server } from '../lib/server.js';
import { newWorld } from '../lib/world.js';

const world = await newWorld();
const { alice, bob } = await world.people('alice', 'bob');
const browser = await launch();
after(() => browser.close());

async function open(context, options) {
  const opened = await Console.open(browser, world.origin, options);
  context.after(() => opened.close());
  return opened;
}

test('a note appears, then its reactions, and in the end it is gone', async (context) => {
  const page = await open(context);
  const note = await alice.note('hello, browser');
  await page.note('hello, browser').getByText(`@${alice.username}`, { exact: true }).waitFor();
  await bob.react(note, '🎉');
  await page.reaction('hello, browser', '🎉', 1).waitFor();
  await alice.react(note, '🎉');
  await page.reaction('hello, browser', '🎉', 2).waitFor();
  await bob.unreact(note);
  await page.reaction('hello, browser', '🎉', 1).waitFor();
  await alice.api('notes/delete', { noteId: note.id });
  await page.note('hello, browser').getByText('Deleted', { exact: true }).waitFor();
  page.assertClean();
});

test('a note that was there before is there, and is live as well', async (context) => {
  const note = await alice.note('here before you');
  const page = await open(context);
  await page.note('here before you').waitFor();
  await bob.react(note, '👍');
  await page.reaction('here before you', '👍', 1).waitFor();
});

test('one click makes a user; what it posts arrives on another page', async (context) => {
  const [here, there] = [await open(context), await open(context)];
  const name = await here.makeUser();
  await there.makeUser();
  await here.post('down the stream');
  await there.note('down the stream').getByText(name, { exact: true }).waitFor();
  await here.note('down the stream').waitFor();
  here.assertClean();
  there.assertClean();
});

test('the page comes back when the server does', async (context) => {
  const first = await Server.start();
  const page = await Console.open(browser, first.origin);
  context.after(() => page.close());
  await first.stop();
  await page.page.locator('.status.lost').waitFor();
  const second = await Server.start({ port: first.port });
  context.after(() => second.stop());
  await page.live();
});

test('the page is never kept, its files for ever', async () => {
  const answer = await fetch(world.origin);
  assert.equal(answer.headers.get('cache-control'), 'no-store');
  const files = [...(await answer.text()).matchAll(/"(\/console\/[^"]+)"/g)];
  assert.ok(files.length >= 2);
  for (const [, path] of files) {
    const file = await fetch(world.origin + path);
    assert.equal(file.headers.get('cache-control'), 'public, max-age=31536000, immutable');
    assert.equal(file.headers.get('content-encoding'), 'gzip');
  }
});
