// Contract, section 7: `main`.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newWorld } from '../lib/world.js';

const world = await newWorld();

async function scene() {
  const people = await world.people('alice', 'bob', 'carol');
  return { ...people, main: await people.alice.join('main') };
}

/** The events since the last call; `unreadNotification` comes when it is due, so it is left out. */
async function types(joined) {
  const events = (await joined.events()).filter(({ type }) => type !== 'unreadNotification');
  return events.map(({ type, body }) => (type === 'notification' ? `${type} ${body.type}` : type));
}

test('a mention', async () => {
  const { alice, bob, main } = await scene();
  const { id } = await bob.note(`hello @${alice.username}`);
  assert.equal((await main.until('mention')).id, id);
  assert.equal((await main.until('notification')).note.id, id);
  assert.deepEqual(await types(main), ['mention', 'notification mention']);
});

test('a direct note is a mention', async () => {
  const { alice, bob, main } = await scene();
  await bob.note({ text: 'direct', visibility: 'specified', visibleUserIds: [alice.id] });
  assert.deepEqual(await types(main), ['mention', 'notification mention']);
});

test('a reply is a mention, too', async () => {
  const { alice, bob, main } = await scene();
  const note = await alice.note('mine');
  await bob.reply(note, 'a reply');
  assert.deepEqual((await types(main)).sort(), ['mention', 'notification reply', 'reply']);
});

test('a renote and a quote', async () => {
  const { alice, bob, main } = await scene();
  const note = await alice.note('mine');
  const renote = await bob.renote(note);
  assert.equal((await main.until('renote')).id, renote.id);
  assert.deepEqual(await types(main), ['renote', 'notification renote']);
  await bob.quote(note, 'a quote');
  assert.deepEqual(await types(main), ['renote', 'notification quote']);
});

test('a reaction', async () => {
  const { alice, bob, main } = await scene();
  const note = await alice.note('mine');
  await bob.react(note, '🎉');
  const notification = await main.until('notification');
  assert.equal(notification.reaction, '🎉');
  assert.equal(notification.userId, bob.id);
  assert.deepEqual(await types(main), ['notification reaction']);
});

test('what I do to my own notes is nothing to notify me of', async () => {
  const { alice, main } = await scene();
  const note = await alice.note(`@${alice.username}`);
  await alice.reply(note, 'a reply');
  await alice.renote(note);
  await alice.react(note);
  assert.deepEqual(await types(main), ['mention', 'reply']);
});

test('to be followed, and to follow', async () => {
  const { alice, bob, main } = await scene();
  await bob.follow(alice);
  assert.equal((await main.until('followed')).id, bob.id);
  assert.deepEqual((await types(main)).sort(), ['followed', 'notification follow']);
  await alice.follow(bob);
  assert.equal((await main.until('follow')).id, bob.id);
  assert.deepEqual((await types(main)).sort(), ['follow', 'notification followRequestAccepted']);
  await alice.unfollow(bob);
  assert.equal((await main.until('unfollow')).id, bob.id);
  assert.deepEqual(await types(main), ['unfollow']);
});

test('a locked account is asked first', async () => {
  const { alice, bob, main } = await scene();
  await alice.api('i/update', { isLocked: true });
  await main.events();
  const bobs = await bob.join('main');
  await bob.follow(alice);
  assert.equal((await main.until('receiveFollowRequest')).id, bob.id);
  assert.deepEqual(
    await types(main),
    ['receiveFollowRequest', 'notification receiveFollowRequest', 'meUpdated'],
  );
  await alice.api('following/requests/accept', { userId: bob.id });
  assert.equal((await bobs.until('follow')).id, alice.id);
  assert.ok((await types(bobs)).includes('notification followRequestAccepted'));
  assert.ok((await types(main)).includes('followed'));
});

test('my profile changes', async () => {
  const { alice, main } = await scene();
  await alice.api('i/update', { name: 'Alice of the stream' });
  assert.equal((await main.until('meUpdated')).name, 'Alice of the stream');
});

test('a notification that stays unread is told again after two seconds', async () => {
  const { alice, bob, main } = await scene();
  await bob.note(`hello @${alice.username}`);
  const notification = await main.until('notification');
  const unread = await main.until('unreadNotification');
  assert.equal(unread.id, notification.id);
});

test('read and flushed notifications', async () => {
  const { alice, bob, main } = await scene();
  await bob.note(`hello @${alice.username}`);
  await main.until('notification');
  await alice.api('notifications/mark-all-as-read');
  assert.deepEqual((await types(main)).slice(-1), ['readAllNotifications']);
  await alice.api('notifications/flush');
  assert.deepEqual(await types(main), ['notificationFlushed']);
});

test('a test notification and one of an app', async () => {
  const { alice, main } = await scene();
  await alice.api('notifications/test-notification');
  await alice.api('notifications/create', { body: 'from an app', header: 'app' });
  assert.deepEqual(await types(main), ['notification test', 'notification app']);
});

test('a sign-in', async () => {
  const { alice, main } = await scene();
  const { username, password } = alice;
  await world.visitor.api('signin-flow', { username, password });
  await main.until('signin');
  const seen = await types(main);
  assert.ok(seen.includes('notification login'), seen);
});

test('what happens to others does not come', async () => {
  const { alice, bob, carol, main } = await scene();
  await alice.follow(carol);
  await main.events();
  const note = await carol.note(`@${bob.username}`);
  await bob.reply(note, 'a reply');
  await bob.follow(carol);
  assert.deepEqual(await types(main), []);
});

test('a muted thread is quiet', async () => {
  const { alice, bob, main } = await scene();
  const note = await alice.note('mine');
  await alice.api('notes/thread-muting/create', { noteId: note.id });
  await bob.reply(note, 'a reply');
  const seen = await types(main);
  assert.ok(!seen.some((type) => type.startsWith('notification')), seen);
});

test('somebody I mute is quiet', async () => {
  const { alice, bob, main } = await scene();
  const note = await alice.note('mine');
  await alice.api('mute/create', { userId: bob.id });
  await bob.note(`hello @${alice.username}`);
  await bob.reply(note, 'a reply');
  await bob.react(note);
  assert.deepEqual(await types(main), []);
});

test('an instance I mute is quiet', async () => {
  const { alice, main } = await scene();
  const remote = await world.person('remote', 'muted.example');
  const note = await alice.note('mine');
  await alice.api('i/update', { mutedInstances: ['muted.example'] });
  await main.events();
  await remote.note(`hello @${alice.username}`);
  await remote.reply(note, 'a reply');
  await remote.react(note);
  assert.deepEqual(await types(main), []);
});
