// Contract, section 4: `chatUser`, `chatRoom`, and `newChatMessage` on `main`.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newWorld } from '../lib/world.js';

const world = await newWorld();

/** People who take messages from everyone. */
async function talkers(...names) {
  const people = await world.people(...names);
  for (const person of Object.values(people)) {
    await person.api('i/update', { chatScope: 'everyone' });
  }
  return people;
}

const say = (from, to, text, more) =>
  from.api('chat/messages/create-to-user', { toUserId: to.id, text, ...more });

const sayIn = (room, from, text) =>
  from.api('chat/messages/create-to-room', { toRoomId: room.id, text });

/** Asks until something holds. */
async function until(holds) {
  while (!await holds());
}

/** A room of `owner` that these people have joined. */
async function newRoom(owner, ...members) {
  const room = await owner.api('chat/rooms/create', { name: 'room' });
  for (const member of members) {
    await invite(room, owner, member);
    await member.api('chat/rooms/join', { roomId: room.id });
  }
  return room;
}

const invite = (room, owner, user) =>
  owner.api('chat/rooms/invitations/create', { roomId: room.id, userId: user.id });

test('both sides of a chat get all that happens in it, and nobody else', async () => {
  const { alice, bob, carol } = await talkers('alice', 'bob', 'carol');
  const sides = [
    await alice.join('chatUser', { otherId: bob.id }),
    await bob.join('chatUser', { otherId: alice.id }),
  ];
  const others = [
    await alice.join('chatUser', { otherId: carol.id }),
    await carol.join('chatUser', { otherId: alice.id }),
    await carol.join('chatUser', { otherId: bob.id }),
  ];
  const hi = await say(alice, bob, 'hi');
  const answer = await say(bob, alice, 'hello');
  const reaction = { messageId: hi.id, reaction: '👍' };
  await bob.api('chat/messages/react', reaction);
  await bob.api('chat/messages/unreact', reaction);
  await alice.api('chat/messages/delete', { messageId: hi.id });
  for (const side of sides) {
    assert.deepEqual(await side.events(), [
      { type: 'message', body: hi },
      { type: 'message', body: answer },
      { type: 'react', body: reaction },
      { type: 'unreact', body: reaction },
      { type: 'deleted', body: hi.id },
    ]);
  }
  for (const other of others) assert.deepEqual(await other.events(), []);
});

test('a message may carry a file of the drive, its author\'s own', async () => {
  const { alice, bob } = await talkers('alice', 'bob');
  const file = await alice.upload('a.gif');
  const chat = await bob.join('chatUser', { otherId: alice.id });
  await say(alice, bob, null, { fileId: file.id });
  const message = await chat.until('message');
  assert.deepEqual([message.text, message.file.url], [null, file.url]);
  await assert.rejects(say(bob, alice, null, { fileId: file.id }), { code: 'NO_SUCH_FILE' });
});

test('those in a room and those invited to it get what happens there, others nothing', async () => {
  const { alice, bob, carol, dave } = await talkers('alice', 'bob', 'carol', 'dave');
  const room = await newRoom(alice, bob);
  await invite(room, alice, carol);
  const inside = [];
  for (const person of [alice, bob, carol]) {
    inside.push(await person.join('chatRoom', { roomId: room.id }));
  }
  const outside = await dave.join('chatRoom', { roomId: room.id });
  const hi = await sayIn(room, bob, 'hi');
  await alice.api('chat/messages/react', { messageId: hi.id, reaction: '👍' });
  await alice.api('chat/messages/unreact', { messageId: hi.id, reaction: '👍' });
  await bob.api('chat/messages/delete', { messageId: hi.id });
  for (const side of inside) {
    const events = await side.events();
    assert.deepEqual(events.map(({ type }) => type), ['message', 'react', 'unreact', 'deleted']);
    assert.deepEqual(events[0].body, hi);
    assert.equal(events[1].body.user.id, alice.id);
    assert.equal(events[3].body, hi.id);
  }
  assert.deepEqual(await outside.events(), []);
});

test('who leaves a room hears no more of it, nor does anyone of a room that is gone', async () => {
  const { alice, bob, carol } = await talkers('alice', 'bob', 'carol');
  const room = await newRoom(alice, bob, carol);
  const left = await bob.join('chatRoom', { roomId: room.id });
  const stayed = await carol.join('chatRoom', { roomId: room.id });
  await bob.api('chat/rooms/leave', { roomId: room.id });
  await sayIn(room, alice, 'after Bob');
  assert.deepEqual(await left.events(), []);
  assert.equal((await stayed.until('message')).text, 'after Bob');
  const again = await bob.join('chatRoom', { roomId: room.id });
  await sayIn(room, alice, 'still without Bob');
  assert.deepEqual(await again.events(), []);
  await alice.api('chat/rooms/delete', { roomId: room.id });
  await assert.rejects(sayIn(room, alice, 'gone'), { code: 'NO_SUCH_ROOM' });
});

test('who comes back to a room hears of it again, on the channel of before', async () => {
  const { alice, bob } = await talkers('alice', 'bob');
  const room = await newRoom(alice, bob);
  const channel = await bob.join('chatRoom', { roomId: room.id });
  await bob.api('chat/rooms/leave', { roomId: room.id });
  await sayIn(room, alice, 'missed');
  await invite(room, alice, bob);
  await bob.api('chat/rooms/join', { roomId: room.id });
  const heard = await sayIn(room, alice, 'heard');
  assert.deepEqual(await channel.events(), [{ type: 'message', body: heard }]);
});

test('main tells of a message that is still unread, and of none that was read', async () => {
  const { alice, bob } = await talkers('alice', 'bob');
  const main = await bob.join('main');
  const chat = await bob.join('chatUser', { otherId: alice.id });
  await say(alice, bob, 'read');
  await chat.until('message');
  chat.connection.send('read', {});
  await until(async () => !(await bob.api('i')).hasUnreadChatMessages);
  await say(alice, bob, 'unread');
  const told = await main.until('newChatMessage');
  assert.deepEqual([told.text, told.fromUser.id, told.toUser.id], ['unread', alice.id, bob.id]);
});

test('a room is read as a chat is', async () => {
  const { alice, bob } = await talkers('alice', 'bob');
  const room = await newRoom(alice, bob);
  const chat = await bob.join('chatRoom', { roomId: room.id });
  await sayIn(room, alice, 'hi');
  await chat.until('message');
  assert.ok((await bob.api('i')).hasUnreadChatMessages);
  chat.connection.send('read', {});
  await until(async () => !(await bob.api('i')).hasUnreadChatMessages);
});

test('the same in a room, but for who mutes it or who said it', async () => {
  const { alice, bob, carol, dave } = await talkers('alice', 'bob', 'carol', 'dave');
  const room = await newRoom(alice, bob, carol, dave);
  await carol.api('chat/rooms/mute', { roomId: room.id, mute: true });
  await dave.api('mute/create', { userId: bob.id });
  const [told, author, deaf, mute] = [
    await alice.join('main'), await bob.join('main'), await carol.join('main'),
    await dave.join('main'),
  ];
  await sayIn(room, bob, 'hi');
  assert.equal((await told.until('newChatMessage')).toRoom.id, room.id);
  for (const main of [author, deaf, mute]) {
    const types = (await main.events()).map(({ type }) => type);
    assert.ok(!types.includes('newChatMessage'));
  }
});

test('an invitation is a notification', async () => {
  const { alice, bob } = await talkers('alice', 'bob');
  const main = await bob.join('main');
  const room = await newRoom(alice);
  const { id } = await invite(room, alice, bob);
  const notification = await main.until('notification');
  assert.equal(notification.type, 'chatRoomInvitationReceived');
  assert.deepEqual(
    [notification.invitation.id, notification.invitation.room.invitationExists], [id, true]);
});

test('an app needs the permission for chats', async () => {
  const { alice, bob } = await talkers('alice', 'bob');
  const reader = await alice.app(['read:account', 'read:chat']);
  const stranger = await alice.app(['read:account']);
  const [chat, none] = [
    await reader.join('chatUser', { otherId: bob.id }),
    await stranger.join('chatUser', { otherId: bob.id }),
  ];
  const hi = await say(bob, alice, 'hi');
  assert.deepEqual(await chat.events(), [{ type: 'message', body: hi }]);
  assert.deepEqual(await none.events(), []);
  await assert.rejects(say(reader, bob, 'no'), { code: 'PERMISSION_DENIED' });
  await assert.rejects(stranger.api('chat/history'), { code: 'PERMISSION_DENIED' });
  await assert.rejects(world.visitor.api('chat/history'), { code: 'CREDENTIAL_REQUIRED' });
});

test('nobody hears a chat of two by naming both', async () => {
  const { alice, bob, carol } = await talkers('alice', 'bob', 'carol');
  const spy = await carol.socket();
  for (const otherId of [`${alice.id}-${bob.id}`, `${bob.id}`, '', 5, null]) {
    spy.send({ type: 'connect', body: { channel: 'chatUser', id: `${otherId}`, params: { otherId } } });
  }
  await spy.settle();
  await say(alice, bob, 'secret');
  const frames = await spy.settle();
  assert.ok(!JSON.stringify(frames).includes('secret'));
});
