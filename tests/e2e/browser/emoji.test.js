// The custom emojis of the server, as people see and use them in a browser.

import { after, test } from 'node:test';
import { Console, launch } from '../lib/browser.js';
import { newImage, newWorld } from '../lib/world.js';

const world = await newWorld();
const { alice, bob } = await world.people('alice', 'bob');
// The first account is the administrator.
const admin = (endpoint, params) => world.keeper.api(`admin/emoji/${endpoint}`, params);
const browser = await launch();
after(() => browser.close());

async function add(name, aliases = []) {
  const { id: fileId } = await world.keeper.upload(`${name}.gif`, { file: newImage() });
  return admin('add', { name, fileId, aliases });
}

test('an emoji is a picture while there is one, in texts, names and reactions', async (context) => {
  await alice.api('i/update', { name: 'alice :pebble:' });
  const opened = await Console.open(browser, world.origin);
  context.after(() => opened.close());
  const note = await alice.note('see the :pebble: there');
  await bob.react(note, '👍');
  const shown = opened.note('see the');
  await shown.locator('.note-text', { hasText: ':pebble:' }).waitFor();

  const pebble = await add('pebble');
  await shown.locator('.note-text').getByRole('img', { name: ':pebble:' }).waitFor();
  await shown.locator('.note-author').getByRole('img', { name: ':pebble:' }).waitFor();
  await bob.unreact(note);
  await bob.react(note, ':pebble:');
  await shown.locator('.reaction').getByRole('img', { name: ':pebble:' }).waitFor();

  await admin('delete', { id: pebble.id });
  await shown.locator('.note-text', { hasText: ':pebble:' }).waitFor();
  opened.assertClean();
});

test('emojis of another server are their names', async (context) => {
  await add('leaf');
  const saved = { columns: [{ key: 'g', channel: 'globalTimeline', params: {} }] };
  const opened = await Console.open(browser, world.origin, { saved });
  context.after(() => opened.close());
  await opened.makeUser();
  await alice.note('here a :leaf: falls');
  await opened.note('here a').getByRole('img', { name: ':leaf:' }).waitFor();
  const stranger = await world.person('stranger', 'far.example');
  await stranger.note('there a :leaf: falls');
  await opened.note('there a').locator('.emoji-name', { hasText: ':leaf:' }).waitFor();
  opened.assertClean();
});

test('an emoji is found by its alias, and reacted with', async (context) => {
  await add('ripple', ['wavelet']);
  const opened = await Console.open(browser, world.origin);
  context.after(() => opened.close());
  const { page } = opened;
  await opened.makeUser();
  await alice.note('throw a stone');
  const note = opened.note('throw a stone');
  await note.getByRole('button', { name: 'React', exact: true }).click();
  await note.getByRole('button', { name: 'React with :ripple:' }).waitFor();
  await page.getByRole('textbox', { name: 'Another emoji' }).fill('wavel');
  await page.keyboard.press('Enter');
  await note.locator('.reaction.mine').getByRole('img', { name: ':ripple:' }).waitFor();
  opened.assertClean();
});
