// Contract, section 5: hidden parts.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newWorld } from '../lib/world.js';

const world = await newWorld();
const inAnHour = () => Math.floor(Date.now() / 1_000) + 3_600;

/** Alice looks at the local timeline. */
async function scene() {
  const people = await world.people('alice', 'bob', 'carol');
  const local = await people.alice.join('localTimeline', { withReplies: true });
  return { ...people, local };
}

function assertHidden(note) {
  const { text, cw, fileIds, files, isHidden } = note;
  assert.deepEqual(
    { text, cw, fileIds, files, isHidden },
    { text: null, cw: null, fileIds: [], files: [], isHidden: true },
  );
  assert.ok(!('poll' in note) && !('visibleUserIds' in note));
}

test('of a quoted note that I may not see, only the frame comes', async () => {
  const { alice, bob, carol, local } = await scene();
  const { dave } = await world.people('dave');
  const closed = await carol.note('open for now');
  const quote = await bob.quote(closed, 'a quote');
  await local.events();
  await dave.quote(quote, 'before');
  await carol.api('i/update', { makeNotesFollowersOnlyBefore: inAnHour() });
  await dave.quote(quote, 'after');
  const [before, after] = await local.notes();
  assert.equal(before.renote.renote.text, 'open for now');
  assert.equal(after.renote.text, 'a quote');
  assertHidden(after.renote.renote);
  assert.equal(after.renote.renote.id, closed.id);
  // Those who follow the author see it.
  await alice.follow(carol);
  await dave.quote(quote, 'after a follow');
  assert.equal((await local.notes())[0].renote.renote.text, 'open for now');
});

test('a pure renote does not come at all where it leads to what I may not see', async () => {
  const { bob, carol, local } = await scene();
  const { dave } = await world.people('dave');
  const carols = await carol.join('localTimeline');
  const closed = await carol.note('open for now');
  const quote = await bob.quote(closed, 'a quote');
  await carol.api('i/update', { makeNotesHiddenBefore: inAnHour() });
  const renote = await dave.renote(quote);
  assert.deepEqual(await local.ids(), [closed.id, quote.id]);
  assert.deepEqual(await carols.ids(), [closed.id, quote.id, renote.id]);
});

test('notes that their author hides come without their content', async () => {
  const { carol, local } = await scene();
  const carols = await carol.join('localTimeline');
  await carol.api('i/update', { makeNotesHiddenBefore: inAnHour() });
  const note = await carol.note({ text: 'hidden', cw: 'hidden', poll: { choices: ['a', 'b'] } });
  const [hidden] = await local.notes();
  assert.equal(hidden.id, note.id);
  assertHidden(hidden);
  assert.equal((await carols.notes())[0].text, 'hidden');
});

test('notes of a certain age are hidden', async () => {
  const { bob, carol, local } = await scene();
  const { dave } = await world.people('dave');
  const quote = await bob.quote(await carol.note('of a moment ago'), 'a quote');
  const day = 24 * 60 * 60;
  await carol.api('i/update', { makeNotesHiddenBefore: -day });
  await dave.quote(quote, 'not a day old');
  await carol.api('i/update', { makeNotesHiddenBefore: 0 });
  await dave.quote(quote, 'of any age');
  const [, , young, old] = await local.notes();
  assert.equal(young.renote.renote.text, 'of a moment ago');
  assert.equal(old.renote.text, 'a quote');
  assertHidden(old.renote.renote);
});

test('the same holds over REST', async () => {
  const { alice, carol } = await scene();
  const note = await carol.note('hidden');
  await carol.api('i/update', { makeNotesHiddenBefore: inAnHour() });
  await assert.rejects(alice.api('notes/show', { noteId: note.id }), { code: 'NO_SUCH_NOTE' });
  assert.equal((await carol.api('notes/show', { noteId: note.id })).text, 'hidden');
});

test('a reply to a note that I may not see shows nothing of it', async () => {
  const { alice, bob, carol } = await scene();
  await alice.follow(bob);
  await bob.follow(carol);
  await alice.api('following/update', { userId: bob.id, withReplies: true });
  const home = await alice.join('homeTimeline');
  const closed = await carol.note({ text: 'secret', visibility: 'followers' });
  await bob.reply(closed, { text: 'a reply', visibility: 'followers' });
  await bob.reply(closed, { text: `to @${alice.username}`, visibility: 'home' });
  const notes = await home.notes();
  assert.ok(!JSON.stringify(notes).includes('secret'));
});

test('the content never leaks through `main`', async () => {
  const { alice, carol } = await scene();
  const main = await alice.join('main');
  await carol.api('i/update', { makeNotesHiddenBefore: inAnHour() });
  await carol.note(`secret @${alice.username}`);
  const events = await main.events();
  assert.ok(!JSON.stringify(events).includes('secret'));
});
