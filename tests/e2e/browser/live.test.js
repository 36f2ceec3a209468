// The live view of the console, as people see it in a browser.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Console, launch } from '../lib/browser.js';
import { Server, temporaryFolder } from '../lib/server.js';
import { newImage, newWorld } from '../lib/world.js';

const ASSETS_BYTES_MAX = 400_000;

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

test('a reaction between a note and its capture is not missing', async (context) => {
  const page = await open(context);
  // The capture waits for as long as this test likes.
  const held = [];
  let release = () => {};
  const captured = new Promise((resolve) => { release = resolve; });
  const other = await browser.newContext({ locale: 'en' });
  context.after(() => other.close());
  const late = await other.newPage();
  await late.routeWebSocket(/\/streaming/, (client) => {
    const server = client.connectToServer();
    client.onMessage((message) => {
      if (JSON.parse(message).type !== 'subNote' && held.length === 0) return server.send(message);
      held.push(message);
      if (held.length === 1) captured.then(() => held.forEach((it) => server.send(it)));
    });
  });
  await late.goto(world.origin);
  await late.locator('.status.live').waitFor();
  const note = await alice.note('quicker than you');
  const item = late.locator('article.note', { hasText: 'quicker than you' });
  await item.waitFor();
  await page.note('quicker than you').waitFor();
  await bob.react(note, '🌊');
  await page.reaction('quicker than you', '🌊', 1).waitFor();
  assert.equal(await item.locator('.reaction').count(), 0);
  release();
  await item.locator('.reaction', { hasText: '🌊1' }).waitFor();
});

test('captures end when a note leaves the screen', async (context) => {
  const page = await open(context, { view: 'live', saved: { columns: [column('localTimeline')] } });
  const note = await alice.note('a capture to end');
  // A note that is shown is captured a moment later; its reactions show that it is.
  await bob.react(note, '👍');
  await page.reaction('a capture to end', '👍', 1).waitFor();
  await page.page.getByRole('link', { name: 'Wire' }).click();
  const released = page.page.locator('.frame.out', { hasText: note.id }).filter({ hasText: 'unsubNote' });
  await released.waitFor();
});

test('two people meet: note, reaction, vote, follow, notification, deletion', async (context) => {
  const [here, there] = [await open(context), await open(context)];
  const author = await here.makeUser();
  const reader = await there.makeUser();

  await here.page.getByRole('button', { name: 'Poll' }).click();
  await here.page.getByRole('textbox', { name: 'Choice 1' }).fill('upstream');
  await here.page.getByRole('textbox', { name: 'Choice 2' }).fill('downstream');
  await here.post('which way?');
  await here.note('which way?').waitFor();
  await there.note('which way?').getByText(author, { exact: true }).waitFor();

  await there.note('which way?').getByRole('button', { name: 'downstream' }).click();
  await here.note('which way?').locator('.poll-choice', { hasText: 'downstream1' }).waitFor();
  await there.note('which way?').locator('.poll-choice.voted', { hasText: 'downstream1' }).waitFor();

  await there.note('which way?').getByRole('button', { name: 'React', exact: true }).click();
  await there.page.getByRole('button', { name: 'React with 🐟' }).click();
  await here.reaction('which way?', '🐟', 1).waitFor();
  await there.page.locator('.reaction.mine', { hasText: '🐟1' }).waitFor();
  await here.page.getByText(/reacted$/).first().waitFor();

  await there.note('which way?').getByRole('button', { name: author }).first().click();
  await there.page.getByRole('dialog').getByRole('button', { name: 'Follow', exact: true }).click();
  await there.page.getByRole('dialog').getByRole('button', { name: 'Unfollow' }).waitFor();
  await there.page.keyboard.press('Escape');
  await here.page.getByText(/follows you$/).first().waitFor();
  await here.page.getByRole('button', { name: 'Notifications: 2 unread' }).click();
  const listed = here.page.locator('.notification[data-type=follow]', { hasText: reader.slice(1) });
  await listed.waitFor();
  await here.page.getByRole('button', { name: 'Notifications', exact: true }).waitFor();
  await here.page.keyboard.press('Escape');

  await here.note('which way?').getByRole('button', { name: 'Delete', exact: true }).click();
  await here.page.getByRole('button', { name: 'Delete for good?' }).click();
  await there.note('which way?').getByText('Deleted', { exact: true }).waitFor();
  here.assertClean();
  there.assertClean();
});

test('answers, quotes, renotes, warnings and files are shown as what they are', async (context) => {
  const page = await open(context);
  const first = await alice.note('the first stone');
  await bob.reply(first, 'an answer to it');
  await page.note('an answer to it').getByText('the first stone').waitFor();
  await bob.quote(first, 'look at this');
  await page.note('look at this').locator('.note-quote', { hasText: 'the first stone' }).waitFor();
  await bob.renote(first);
  await page.page.locator('article.note', { has: page.page.getByText('renoted') }).waitFor();

  await alice.note({ text: 'behind the warning', cw: 'mind the gap' });
  const warned = page.note('mind the gap');
  assert.equal(await warned.getByText('behind the warning').count(), 0);
  await warned.getByRole('button', { name: 'Show' }).click();
  await warned.getByText('behind the warning').waitFor();

  const shown = await alice.upload('shown.gif');
  const covered = await alice.upload('covered.gif', { isSensitive: true });
  await alice.note({ text: 'two pictures', fileIds: [shown.id, covered.id] });
  const pictures = page.note('two pictures').getByRole('img', { name: /\.gif$/ });
  await pictures.first().waitFor();
  assert.equal(await pictures.count(), 1);
  await page.note('two pictures').getByRole('button', { name: 'Sensitive: show' }).click();
  await pictures.nth(1).waitFor();
  page.assertClean();
});

test('a picture is uploaded and posted', async (context) => {
  const page = await open(context);
  await page.makeUser();
  const image = Buffer.from(await newImage().arrayBuffer());
  await page.page.locator('input[type=file]').setInputFiles({ name: 'stone.gif', mimeType: 'image/gif', buffer: image });
  await page.page.getByRole('button', { name: 'Remove stone.gif' }).waitFor();
  await page.post('a stone');
  await page.note('a stone').getByRole('img', { name: 'stone.gif' }).waitFor();
  page.assertClean();
});

test('columns are added with their params, moved, changed, removed, and remembered', async (context) => {
  const page = await open(context, { saved: { columns: [column('localTimeline')] } });
  const titles = () => page.page.locator('.column h2').allInnerTexts();
  await page.page.getByRole('button', { name: 'Add a column' }).click();
  await page.page.getByRole('combobox', { name: 'Channel' }).selectOption('hashtag');
  await page.page.getByRole('textbox', { name: /Hashtags/ }).fill('moss water, せせらぎ');
  await page.page.getByRole('button', { name: 'Add', exact: true }).click();
  const tagged = page.page.locator('.column[data-channel=hashtag]');
  await tagged.getByText('#moss + #water, #せせらぎ').waitFor();
  await alice.note('only one of both #moss');
  await alice.note('both #moss #water');
  await tagged.getByText('both').waitFor();
  assert.equal(await tagged.locator('article').count(), 1);

  await tagged.getByRole('button', { name: 'Change this column' }).click();
  await page.page.getByRole('button', { name: 'Move left' }).click();
  await page.page.reload();
  await page.live();
  await tagged.getByText('both').waitFor();
  assert.match((await titles())[0], /hashtag/);
  await tagged.getByRole('button', { name: 'Change this column' }).click();
  await page.page.getByRole('button', { name: 'Remove', exact: true }).click();
  await tagged.waitFor({ state: 'detached' });
  assert.equal((await titles()).length, 1);
  page.assertClean();
});

test('what a column is of is offered by name: a chat room, a user', async (context) => {
  const room = await alice.api('chat/rooms/create', { name: 'under the bridge' });
  const login = { id: alice.id, username: alice.username, name: null, avatarUrl: null, token: alice.token };
  const saved = { accounts: [login], account: alice.id, columns: [column('localTimeline')] };
  const opened = await open(context, { saved });
  const { page } = opened;
  const offered = (name) => page.locator('datalist option', { hasText: name });
  await page.getByRole('button', { name: 'Add a column' }).click();
  await page.getByRole('combobox', { name: 'Channel' }).selectOption('chatUser');
  await offered(`@${bob.username}`).waitFor({ state: 'attached' });
  await page.getByRole('combobox', { name: 'Channel' }).selectOption('chatRoom');
  await offered('under the bridge').waitFor({ state: 'attached' });
  await page.getByRole('combobox', { name: 'roomId' }).fill(await offered('under the bridge').getAttribute('value'));
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  const talk = page.locator('.column[data-channel=chatRoom]');
  await talk.waitFor();
  // It may still be on its way to join: one of these messages comes after that.
  const say = () => alice.api('chat/messages/create-to-room', { toRoomId: room.id, text: 'who goes there?' });
  while (await talk.locator('.event', { hasText: 'message' }).count() === 0) await say();
  opened.assertClean();
});

test('new notes wait while somebody reads further down', async (context) => {
  for (let n = 0; n < 12; n += 1) await alice.note(`to read ${n}\n.\n.\n.`);
  const page = await open(context, { saved: { columns: [column('localTimeline')] } });
  await page.note('to read 0').waitFor({ state: 'attached' });
  // The page hears of it a frame later, and before this listener does.
  await page.page.locator('.column-scroll').evaluate((element) => new Promise((resolve) => {
    element.addEventListener('scroll', resolve, { once: true });
    element.scrollTo(0, 400);
  }));
  await alice.note('comes while you read');
  await page.page.getByRole('button', { name: 'Show 1 new notes' }).click();
  await page.note('comes while you read').waitFor();
  assert.equal(await page.page.locator('.column-scroll').evaluate((element) => element.scrollTop), 0);
});

test('a login that the server does not know any more ends by itself', async (context) => {
  const gone = { id: 'x', username: 'gone', name: null, avatarUrl: null, token: 'aaaaaaaaaaaaaaaa' };
  const page = await open(context, { saved: { accounts: [gone], account: 'x' } });
  await page.page.getByRole('button', { name: 'Make me a user' }).waitFor();
});

test('the page comes back when the server does, and its captures with it', async (context) => {
  const { path, remove } = await temporaryFolder();
  context.after(remove);
  const first = await Server.start({ data: path });
  const page = await Console.open(browser, first.origin);
  context.after(() => page.close());
  await page.makeUser();
  await page.post('before the break');
  await page.note('before the break').waitFor();
  await first.stop();
  await page.page.locator('.status.lost').waitFor();
  const second = await Server.start({ port: first.port, data: path });
  context.after(() => second.stop());
  await page.live();
  await page.note('before the break').getByRole('button', { name: 'React', exact: true }).click();
  await page.page.getByRole('button', { name: 'React with 👍' }).click();
  await page.reaction('before the break', '👍', 1).waitFor();
});

test('the page is never kept, its small files for ever', async () => {
  const answer = await fetch(world.origin);
  assert.equal(answer.headers.get('cache-control'), 'no-store');
  const files = [...(await answer.text()).matchAll(/"(\/console\/[^"]+)"/g)];
  assert.ok(files.length >= 2);
  let bytes = 0;
  for (const [, path] of files) {
    assert.match(path, /-[\w-]{8}\.(js|css)$/, 'its name tells its content');
    const file = await fetch(world.origin + path);
    assert.equal(file.headers.get('cache-control'), 'public, max-age=31536000, immutable');
    assert.equal(file.headers.get('content-encoding'), 'gzip');
    bytes += Number(file.headers.get('content-length'));
  }
  assert.ok(bytes > 0 && bytes < ASSETS_BYTES_MAX, `${bytes} bytes compressed`);
});

function column(channel, params = {}) {
  return { key: channel, channel, params };
}
