// Contract, sections 3, 4 and 7: what moderators and administrators cause on streams.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newImage, newWorld } from '../lib/world.js';

const world = await newWorld();
// The first account is the administrator.
const admin = (endpoint, params) => world.keeper.api(`admin/${endpoint}`, params);

const text = { title: 'title', text: 'text', imageUrl: null };

test('custom emojis are told to everyone, and can be reacted with', async () => {
  const { alice, bob } = await world.people('alice', 'bob');
  const streams = [await alice.stream(), await world.visitor.stream()];
  const file = await world.keeper.upload('blob.gif', { file: newImage() });
  const added = await admin('emoji/add', { name: 'blob', fileId: file.id, aliases: ['b'] });
  for (const stream of streams) {
    assert.deepEqual((await stream.until('emojiAdded')).emoji, added);
  }
  // The picture is the emoji's own: the file stays, and can go.
  await world.keeper.api('drive/files/delete', { fileId: file.id });
  const picture = await fetch(added.url);
  assert.equal(picture.headers.get('content-type'), 'image/gif');
  const note = await alice.note('a note');
  await streams[0].capture(note);
  await bob.react(note, ':blob:');
  const reacted = await streams[0].until('noteUpdated');
  assert.equal(reacted.body.reaction, ':blob@.:');
  assert.deepEqual(reacted.body.emoji, { name: 'blob@.', url: added.url });
  await admin('emoji/update', { id: added.id, name: 'blob', category: 'blobs' });
  await admin('emoji/delete', { id: added.id });
  for (const stream of streams) {
    const { emojis: [updated] } = await stream.until('emojiUpdated');
    assert.deepEqual([updated.name, updated.category], ['blob', 'blobs']);
    assert.equal((await stream.until('emojiDeleted')).emojis[0].id, added.id);
  }
  assert.equal((await fetch(added.url)).status, 404);
  await bob.react(await alice.note('another'), ':blob:');
  assert.deepEqual((await world.visitor.api('emojis')).emojis, []);
});

test('only those who may manage emojis do, and only images become some', async () => {
  const { alice } = await world.people('alice');
  const { id: fileId } = await alice.upload();
  const refused = (code) => (error) => error.code === code;
  await assert.rejects(
    alice.api('admin/emoji/add', { name: 'mine', fileId }), refused('ROLE_PERMISSION_DENIED'));
  await assert.rejects(admin('emoji/add', { name: 'theirs', fileId }), refused('NO_SUCH_FILE'));
  const words = await world.keeper.upload('a.txt', { file: new Blob(['words']) });
  await assert.rejects(
    admin('emoji/add', { name: 'words', fileId: words.id }), refused('UNSUPPORTED_FILE_TYPE'));
  const image = await world.keeper.upload();
  await assert.rejects(
    admin('emoji/add', { name: '../x', fileId: image.id }), refused('INVALID_PARAM'));
});

test('an announcement comes to everyone, or to the one it is for, until all are read', async () => {
  const { alice, bob } = await world.people('alice', 'bob');
  const [stream, visitor] = [await alice.stream(), await world.visitor.stream()];
  const [main, other] = [await alice.join('main'), await bob.join('main')];
  const all = await admin('announcements/create', text);
  assert.deepEqual((await stream.until('announcementCreated')).announcement, all);
  assert.deepEqual((await visitor.until('announcementCreated')).announcement, all);
  const hers = await admin('announcements/create', { ...text, userId: alice.id });
  assert.deepEqual((await main.until('announcementCreated')).announcement, hers);
  for (const { id } of [all, hers]) {
    await alice.api('i/read-announcement', { announcementId: id });
  }
  await main.until('readAllAnnouncements');
  assert.deepEqual(await other.events(), []);
});

test('a report comes to the moderators on `admin`, and to no one else', async () => {
  const { alice, bob, carol } = await world.people('alice', 'bob', 'carol');
  const role = await admin('roles/create', {
    name: 'moderators', description: '', color: null, iconUrl: null, target: 'manual',
    condFormula: {}, isPublic: false, isModerator: true, isAdministrator: false, asBadge: false,
    canEditMembersByModerator: false, displayOrder: 0, policies: {},
  });
  await admin('roles/assign', { roleId: role.id, userId: alice.id });
  const joined = [await alice.join('admin'), await world.keeper.join('admin')];
  const strangers = [await bob.join('admin'), await carol.join('admin')];
  await carol.api('users/report-abuse', { userId: bob.id, comment: 'spam' });
  for (const channel of joined) {
    const report = await channel.until('newAbuseUserReport');
    assert.deepEqual(
      [report.targetUserId, report.reporterId, report.comment], [bob.id, carol.id, 'spam']);
  }
  for (const channel of strangers) assert.deepEqual(await channel.events(), []);
  const app = await alice.app(['read:account']);
  const socket = await app.socket();
  assert.equal(await socket.joins('admin'), false);
  const allowed = await (await alice.app(['read:account', 'read:admin:stream'])).socket();
  assert.equal(await allowed.joins('admin'), true);
});

test('a suspension closes the connections of a user', async () => {
  const { alice } = await world.people('alice');
  const socket = await alice.socket();
  await admin('suspend-user', { userId: alice.id });
  assert.equal((await socket.closed()).code, 1008);
  await assert.rejects(alice.api('i'), (error) => error.code === 'YOUR_ACCOUNT_SUSPENDED');
  await admin('unsuspend-user', { userId: alice.id });
  await alice.api('i');
});

test('what visitors see follows the settings at once', async () => {
  const { alice } = await world.people('alice');
  const local = await world.visitor.join('localTimeline');
  await admin('update-meta', { ugcVisibilityForVisitor: 'none' });
  await alice.note('unseen');
  await admin('update-meta', { ugcVisibilityForVisitor: 'local' });
  const note = await alice.note('seen');
  await local.until('note', ({ id }) => id === note.id);
  const seen = local.log.take().filter(({ body }) => body.userId === alice.id);
  assert.ok(seen.every(({ body }) => body.id === note.id));
});

test('closed sign-up leaves accounts to administrators', async () => {
  const account = { username: 'closed', password: 'password' };
  await admin('update-meta', { disableRegistration: true });
  await assert.rejects(world.visitor.api('signup', account));
  assert.equal((await world.visitor.api('meta')).disableRegistration, true);
  const made = await admin('accounts/create', account);
  assert.equal(made.username, 'closed');
  await admin('update-meta', { disableRegistration: false });
});

test('the registry tells of what its client keeps', async () => {
  const { alice } = await world.people('alice');
  const main = await alice.join('main');
  const item = { scope: ['client', 'base'], key: 'k', value: { a: [1] } };
  await alice.api('i/registry/set', item);
  assert.deepEqual(await main.until('registryUpdated'), item);
  assert.deepEqual(await alice.api('i/registry/get', item), { a: [1] });
});

test('files are found by name, and with the notes they are in', async () => {
  const { alice, bob } = await world.people('alice', 'bob');
  const file = await alice.upload('found.gif');
  const note = await alice.note({ text: 'with it', fileIds: [file.id] });
  const [found] = await alice.api('drive/files/find', { name: 'found.gif' });
  assert.equal(found.id, file.id);
  const of = { fileId: file.id };
  const notes = await alice.api('drive/files/attached-notes', of);
  assert.deepEqual(notes.map(({ id }) => id), [note.id]);
  await assert.rejects(
    bob.api('drive/files/attached-notes', of), (error) => error.code === 'NO_SUCH_FILE');
});
