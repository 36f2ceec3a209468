// Contract, section 4: `drive`, `driveFileCreated` on `main`, and notes with files.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newImage, newWorld } from '../lib/world.js';

const world = await newWorld();

test('the drive tells of files and folders, to their owner alone', async () => {
  const { alice, bob } = await world.people('alice', 'bob');
  const [mine, theirs] = [await alice.join('drive'), await bob.join('drive')];
  const file = await alice.upload('a.gif');
  const folder = await alice.api('drive/folders/create', { name: 'folder' });
  const { id: fileId } = file;
  const moved = await alice.api('drive/files/update', { fileId, folderId: folder.id });
  await alice.api('drive/files/delete', { fileId });
  const renamed = await alice.api('drive/folders/update', { folderId: folder.id, name: 'other' });
  await alice.api('drive/folders/delete', { folderId: folder.id });
  assert.deepEqual(await mine.events(), [
    { type: 'fileCreated', body: file },
    { type: 'folderCreated', body: folder },
    { type: 'fileUpdated', body: moved },
    { type: 'fileDeleted', body: fileId },
    { type: 'folderUpdated', body: renamed },
    { type: 'folderDeleted', body: folder.id },
  ]);
  assert.deepEqual(await theirs.events(), []);
});

test('main tells of an upload', async () => {
  const { alice } = await world.people('alice');
  const main = await alice.join('main');
  const file = await alice.upload('a.gif');
  assert.deepEqual(await main.until('driveFileCreated'), file);
});

test('a file is served at its address, and no longer once it is deleted', async () => {
  const { alice } = await world.people('alice');
  const image = newImage();
  const { id, url } = await alice.upload('a.gif', { file: image });
  const served = await fetch(url);
  assert.equal(served.headers.get('content-type'), 'image/gif');
  assert.equal(served.headers.get('x-content-type-options'), 'nosniff');
  assert.equal(await served.text(), await image.text());
  await alice.api('drive/files/delete', { fileId: id });
  assert.equal((await fetch(url)).status, 404);
});

test('with files only, a note with a file comes on every timeline', async () => {
  const { alice, bob } = await world.people('alice', 'bob');
  await alice.follow(bob);
  const list = await alice.api('users/lists/create', { name: 'list' });
  await alice.api('users/lists/push', { listId: list.id, userId: bob.id });
  const timelines = [
    ['homeTimeline'], ['localTimeline'], ['hybridTimeline'], ['globalTimeline'],
    ['userList', { listId: list.id }],
  ];
  const joined = new Map();
  for (const [channel, params] of timelines) {
    joined.set(channel, await alice.join(channel, { withFiles: true, ...params }));
  }
  const file = await bob.upload();
  await bob.note('no file');
  const note = await bob.note({ text: 'a file', fileIds: [file.id] });
  for (const [channel, timeline] of joined) {
    const notes = await timeline.notes();
    assert.deepEqual(notes.map(({ id }) => id), [note.id], channel);
    assert.deepEqual(notes[0].fileIds, [file.id], channel);
    assert.equal(notes[0].files[0].url, file.url, channel);
  }
});

test('the files of a note that I may not see do not come with what answers to it', async () => {
  const { alice, bob, carol } = await world.people('alice', 'bob', 'carol');
  await bob.follow(carol);
  await alice.follow(bob);
  const file = await carol.upload();
  const closed = await carol.note({ text: 'c', visibility: 'followers', fileIds: [file.id] });
  const home = await alice.join('homeTimeline');
  await bob.reply(closed, { text: 'answer', visibility: 'followers' });
  assert.ok(!JSON.stringify(await home.events()).includes(file.url));
  const error = await alice.api('notes/show', { noteId: closed.id }).then(
    (note) => note.files, (refused) => refused.code);
  assert.ok(!JSON.stringify(error).includes(file.url));
});
