// Contract, section 6: `homeTimeline`.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newWorld } from '../lib/world.js';

const world = await newWorld();

/** Alice follows bob and sees her home; carol is a stranger to her. */
async function scene(params) {
  const people = await world.people('alice', 'bob', 'carol');
  await people.alice.follow(people.bob);
  return { ...people, home: await people.alice.join('homeTimeline', params) };
}

test('it carries my own notes and those of people I follow', async () => {
  const { alice, bob, carol, home } = await scene();
  const mine = await alice.note('mine');
  const followed = await bob.note('followed');
  await carol.note('a stranger');
  assert.deepEqual(await home.ids(), [mine.id, followed.id]);
});

test('it carries every visibility that I may see', async () => {
  const { alice, bob, home } = await scene();
  const homeOnly = await bob.note({ text: 'home', visibility: 'home' });
  const followers = await bob.note({ text: 'followers', visibility: 'followers' });
  const direct = await bob.note({
    text: 'direct', visibility: 'specified', visibleUserIds: [alice.id],
  });
  await bob.note({ text: 'to nobody', visibility: 'specified', visibleUserIds: [] });
  assert.deepEqual(await home.ids(), [homeOnly.id, followers.id, direct.id]);
});

test('a direct note of a stranger does not come, although I may see it', async () => {
  const { alice, carol, home } = await scene();
  await carol.note({ text: 'direct', visibility: 'specified', visibleUserIds: [alice.id] });
  assert.deepEqual(await home.ids(), []);
});

test('the body is the note as the API shows it', async () => {
  const { alice, bob, home } = await scene();
  const { id } = await bob.note({ text: 'as it is', cw: 'careful' });
  const [note] = await home.notes();
  const shown = await alice.api('notes/show', { noteId: id });
  for (const key of ['id', 'createdAt', 'userId', 'text', 'cw', 'visibility', 'fileIds', 'files']) {
    assert.deepEqual(note[key], shown[key], key);
  }
  assert.equal(note.user.username, bob.username);
});

test('a reply comes if it is to me, by me, or to its own author', async () => {
  const { alice, bob, carol, home } = await scene();
  const [ofAlice, ofBob, ofCarol] =
    [await alice.note('a'), await bob.note('b'), await carol.note('c')];
  await home.events();
  const toMe = await bob.reply(ofAlice, 'to me');
  const toThemself = await bob.reply(ofBob, 'to themself');
  const byMe = await alice.reply(ofCarol, 'by me');
  await bob.reply(ofCarol, 'to a stranger');
  await carol.reply(ofAlice, 'by a stranger');
  assert.deepEqual(await home.ids(), [toMe.id, toThemself.id, byMe.id]);
});

test('with replies, every reply of the followed comes that I could read in full', async () => {
  const { alice, bob, carol, home } = await scene();
  await alice.api('following/update', { userId: bob.id, withReplies: true });
  await bob.follow(carol);
  const open = await carol.note('open');
  const closed = await carol.note({ text: 'closed', visibility: 'followers' });
  const toOpen = await bob.reply(open, 'to an open note');
  await bob.reply(closed, { text: 'to a closed note', visibility: 'followers' });
  assert.deepEqual(await home.ids(), [toOpen.id]);
});

test('a pure renote of a reply to a followers-only note stays away', async () => {
  const { bob, carol, home } = await scene();
  const { dave } = await world.people('dave');
  await carol.follow(dave);
  const closed = await dave.note({ text: 'closed', visibility: 'followers' });
  const reply = await carol.reply(closed, { text: 'reply', visibility: 'home' });
  await bob.renote(reply);
  assert.deepEqual(await home.ids(), []);
});

test('without renotes, a quote still comes', async () => {
  const { bob, carol, home } = await scene({ withRenotes: false });
  const note = await carol.note('to renote');
  await bob.renote(note);
  const quote = await bob.quote(note, 'a quote');
  assert.deepEqual(await home.ids(), [quote.id]);
});

test('with files only, a note without files stays away', async () => {
  const { bob, home } = await scene({ withFiles: true });
  await bob.note('no file');
  assert.deepEqual(await home.ids(), []);
});

test('a note in a channel comes if I follow the channel', async () => {
  const { alice, bob, carol, home } = await scene();
  const followed = await carol.api('channels/create', { name: 'followed' });
  const other = await carol.api('channels/create', { name: 'other' });
  await alice.api('channels/follow', { channelId: followed.id });
  const note = await carol.note({ text: 'by a stranger', channelId: followed.id });
  await bob.note({ text: 'by the followed', channelId: other.id });
  await alice.note({ text: 'by me', channelId: other.id });
  assert.deepEqual(await home.ids(), [note.id]);
});

test('a note of a remote user whom I follow comes', async () => {
  const { alice, home } = await scene();
  const remote = await world.person('remote', 'remote.example');
  await alice.follow(remote);
  const note = await remote.note('from afar');
  const [come] = await home.notes();
  assert.equal(come.id, note.id);
  assert.equal(come.user.host, 'remote.example');
});

test('a reply to a followers-only note comes where I follow its author as well', async () => {
  const { alice, bob, carol, home } = await scene();
  await alice.api('following/update', { userId: bob.id, withReplies: true });
  for (const user of [alice, bob]) await user.follow(carol);
  const closed = await carol.note({ text: 'closed', visibility: 'followers' });
  const reply = await bob.reply(closed, { text: 'a reply', visibility: 'followers' });
  assert.deepEqual(await home.ids(), [closed.id, reply.id]);
});

test('a pure renote of a reply to a followers-only note comes where I follow its author', async () => {
  const { alice, bob, carol, home } = await scene();
  const { dave } = await world.people('dave');
  for (const user of [alice, carol]) await user.follow(dave);
  const closed = await dave.note({ text: 'closed', visibility: 'followers' });
  const reply = await carol.reply(closed, { text: 'reply', visibility: 'home' });
  const renote = await bob.renote(reply);
  assert.deepEqual(await home.ids(), [closed.id, renote.id]);
});
