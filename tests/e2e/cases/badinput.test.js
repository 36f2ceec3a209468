// What Misskey answers to requests that can't be met: the status and the error.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newWorld } from '../lib/world.js';

const world = await newWorld();
const { alice, bob } = await world.people('alice', 'bob');
const local = await alice.join('localTimeline');

const bobs = await bob.note('not yours');
const bobsSecret = await bob.note({ text: 'secret', visibility: 'specified', visibleUserIds: [] });
const bobsList = await bob.api('users/lists/create', { name: 'not yours' });
const bobsAntenna = await bob.api('antennas/create', {
  name: 'not yours', src: 'all', keywords: [['x']], excludeKeywords: [[]], users: [''],
  caseSensitive: false, withReplies: false, withFile: false,
});
await local.events();

async function post(path, body, headers = {}) {
  const answer = await fetch(`${world.origin}/api/${path}`, {
    method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body,
  });
  const text = await answer.text();
  return { status: answer.status, error: text === '' ? null : JSON.parse(text).error };
}

const asAlice = (endpoint, params) => post(endpoint, JSON.stringify({ ...params, i: alice.token }));

/** Endpoint, params, status, code. */
const table = [
  ['notes/create', { text: 'x'.repeat(3_001) }, 400, 'INVALID_PARAM'],
  ['notes/create', { text: '' }, 400, 'INVALID_PARAM'],
  ['notes/create', {}, 400, 'INVALID_PARAM'],
  ['notes/create', { text: 5 }, 400, 'INVALID_PARAM'],
  ['notes/create', { text: ['x'] }, 400, 'INVALID_PARAM'],
  ['notes/create', { text: 'x', visibility: 'nobody' }, 400, 'INVALID_PARAM'],
  ['notes/create', { text: 'x', visibleUserIds: 'x' }, 400, 'INVALID_PARAM'],
  ['notes/create', { fileIds: Array.from({ length: 17 }, (_, i) => `f${i}`) }, 400, 'INVALID_PARAM'],
  ['notes/create', { text: 'x', fileIds: ['nosuchfile'] }, 400, 'NO_SUCH_FILE'],
  ['notes/create', { text: 'x', replyId: 'nosuchnote' }, 400, 'NO_SUCH_REPLY_TARGET'],
  ['notes/create', { renoteId: 'nosuchnote' }, 400, 'NO_SUCH_RENOTE_TARGET'],
  ['notes/create', { text: 'x', channelId: 'nosuchchannel' }, 400, 'NO_SUCH_CHANNEL'],
  ['notes/create', { text: 'x', poll: { choices: ['one'] } }, 400, 'INVALID_PARAM'],
  ['notes/create', { text: 'x', poll: { choices: Array(11).fill('x') } }, 400, 'INVALID_PARAM'],
  ['notes/show', {}, 400, 'INVALID_PARAM'],
  ['notes/show', { noteId: 'nosuchnote' }, 400, 'NO_SUCH_NOTE'],
  ['notes/show', { noteId: 5 }, 400, 'INVALID_PARAM'],
  ['notes/delete', { noteId: bobs.id }, 400, 'ACCESS_DENIED'],
  ['notes/delete', { noteId: 'nosuchnote' }, 400, 'NO_SUCH_NOTE'],
  ['notes/reactions/create', { noteId: 'nosuchnote', reaction: '👍' }, 400, 'NO_SUCH_NOTE'],
  ['notes/reactions/create', { noteId: bobs.id }, 400, 'INVALID_PARAM'],
  ['notes/reactions/delete', { noteId: bobs.id }, 400, 'NOT_REACTED'],
  ['notes/polls/vote', { noteId: bobs.id, choice: 0 }, 400, 'NO_POLL'],
  ['notes/timeline', { limit: 0 }, 400, 'INVALID_PARAM'],
  ['notes/timeline', { limit: 101 }, 400, 'INVALID_PARAM'],
  ['notes/timeline', { limit: 'ten' }, 400, 'INVALID_PARAM'],
  ['notes/user-list-timeline', { listId: bobsList.id }, 400, 'NO_SUCH_LIST'],
  ['users/show', { userId: 'nosuchuser' }, 404, 'NO_SUCH_USER'],
  ['users/lists/show', { listId: bobsList.id }, 400, 'NO_SUCH_LIST'],
  ['users/lists/push', { listId: bobsList.id, userId: alice.id }, 400, 'NO_SUCH_LIST'],
  ['users/lists/delete', { listId: bobsList.id }, 400, 'NO_SUCH_LIST'],
  ['antennas/show', { antennaId: bobsAntenna.id }, 400, 'NO_SUCH_ANTENNA'],
  ['antennas/notes', { antennaId: bobsAntenna.id }, 400, 'NO_SUCH_ANTENNA'],
  ['following/create', { userId: alice.id }, 400, 'FOLLOWEE_IS_YOURSELF'],
  ['following/create', { userId: 'nosuchuser' }, 400, 'NO_SUCH_USER'],
  ['following/delete', { userId: bob.id }, 400, 'NOT_FOLLOWING'],
  ['mute/create', { userId: alice.id }, 400, 'MUTEE_IS_YOURSELF'],
  ['blocking/create', { userId: alice.id }, 400, 'BLOCKEE_IS_YOURSELF'],
  ['channels/show', { channelId: 'nosuchchannel' }, 400, 'NO_SUCH_CHANNEL'],
  ['channels/create', { name: '' }, 400, 'INVALID_PARAM'],
];

for (const [endpoint, params, status, code] of table) {
  const shown = JSON.stringify(params).slice(0, 60);
  test(`${endpoint} ${shown}: ${status} ${code}`, async () => {
    const answer = await asAlice(endpoint, params);
    assert.equal(answer.error?.code, code);
    assert.equal(answer.status, status);
    for (const key of ['message', 'id', 'kind']) assert.equal(typeof answer.error[key], 'string');
  });
}

test("another's direct note can't be read, replied to, renoted or reacted to", async () => {
  const noteId = bobsSecret.id;
  const refused = [
    ['notes/show', { noteId }], ['notes/create', { renoteId: noteId }],
    ['notes/create', { text: 'x', replyId: noteId }],
    ['notes/reactions/create', { noteId, reaction: '👍' }],
  ];
  for (const [endpoint, params] of refused) {
    const { status, error } = await asAlice(endpoint, params);
    assert.equal(status, 400, `${endpoint}: ${JSON.stringify(error)}`);
  }
});

for (const [name, body] of [
  ['no JSON', 'nonsense'], ['half an object', '{"text":'], ['a list', '[]'], ['a number', '5'],
]) {
  test(`400: the body is ${name}`, async () => {
    const { status } = await post('notes/create', body, { authorization: `Bearer ${alice.token}` });
    assert.equal(status, 400);
  });
}

test('404: an unknown endpoint', async () => {
  const { status, error } = await asAlice('no/such/endpoint', {});
  assert.equal(status, 404);
  assert.equal(error.code, 'UNKNOWN_API_ENDPOINT');
});

test('401: no token, and a wrong one', async () => {
  const none = await post('notes/create', JSON.stringify({ text: 'x' }));
  assert.deepEqual([none.status, none.error.code], [401, 'CREDENTIAL_REQUIRED']);
  const wrong = await post('notes/create', JSON.stringify({ text: 'x', i: 'wrong' }));
  assert.deepEqual([wrong.status, wrong.error.code], [401, 'AUTHENTICATION_FAILED']);
});

test('a name that is taken, too long or not a name is refused', async () => {
  for (const username of [alice.username, 'x'.repeat(21), 'with space', '', 5]) {
    const { status } = await post('signup', JSON.stringify({ username, password: 'secret' }));
    assert.equal(status, 400, String(username));
  }
});

test('a wrong password does not sign in', async () => {
  const body = { username: alice.username, password: 'wrong' };
  const { status, error } = await post('signin-flow', JSON.stringify(body));
  assert.equal(status, 403);
  assert.equal(error.id, '932c904e-9460-45b7-9ce6-7ed33be7eb2c');
});

test('a body of many megabytes is refused', async () => {
  const body = JSON.stringify({ text: 'x'.repeat(20_000_000), i: alice.token });
  const { status } = await post('notes/create', body).catch(() => ({ status: 413 }));
  assert.ok([400, 413].includes(status), String(status));
});

test('after all of that nothing was written and the stream is alive', async () => {
  const note = await bob.note('still here');
  assert.deepEqual(await local.ids(), [note.id]);
  assert.equal((await alice.api('i')).notesCount, 0);
});
