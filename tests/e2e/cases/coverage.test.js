// What of the contract is there, and that a test shows it: `docs/COMPATIBILITY.md`.

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { contract, messages } from '../coverage/contract.js';
import { page, pathOf } from '../coverage/page.js';
import { EVENTS, MESSAGES, MISSING, OPERATIONS } from '../coverage/table.js';
import { root, testThatNames, testsOf } from '../coverage/tests.js';
import { newWorld } from '../lib/world.js';

const world = await newWorld();
const PAGE = join(root, 'docs/COMPATIBILITY.md');

const names = (rows) => [...new Set(rows.map(([channel, name]) => `${channel} ${name}`))].sort();

/** The params with which somebody joins each channel that needs some. */
async function params(who, other) {
  const id = async (endpoint, body) => (await who.api(endpoint, body)).id;
  const role = {
    name: 'r', description: '', color: null, iconUrl: null, target: 'manual', condFormula: {},
    isPublic: true, isModerator: false, isAdministrator: false, isExplorable: true,
    asBadge: false, canEditMembersByModerator: false, displayOrder: 0, policies: {},
  };
  const antenna = {
    name: 'a', src: 'all', keywords: [['word']], excludeKeywords: [], users: [],
    caseSensitive: false, withReplies: false, withFile: false,
  };
  await other.api('reversi/match', { userId: who.id });
  return {
    userList: { listId: await id('users/lists/create', { name: 'l' }) },
    hashtag: { q: [['tag']] },
    roleTimeline: { roleId: await id('admin/roles/create', role) },
    antenna: { antennaId: await id('antennas/create', antenna) },
    channel: { channelId: await id('channels/create', { name: 'c' }) },
    chatUser: { otherId: other.id },
    chatRoom: { roomId: await id('chat/rooms/create', { name: 'r' }) },
    reversiGame: { gameId: await id('reversi/match', { userId: other.id }) },
  };
}

test('every channel of the contract can be joined', async () => {
  const { other } = await world.people('other');
  const paramsOf = await params(world.keeper, other);
  const socket = await world.keeper.socket();
  for (const channel of contract().channels) {
    assert.ok(await socket.joins(channel, paramsOf[channel]), channel);
  }
});

test('the table names every event and operation, as there or as missing', () => {
  const { events, operations } = contract();
  assert.deepEqual(names([...EVENTS, ...MISSING]), names(events));
  const both = names(EVENTS).filter((name) => names(MISSING).includes(name));
  assert.deepEqual(both, []);
  for (const [, event] of MISSING) assert.equal(testThatNames(event), undefined, event);
  assert.deepEqual(names(OPERATIONS), names(operations));
  assert.deepEqual(MESSAGES.map(([name]) => name).sort(), messages().sort());
});

test('the tests that the table names are there, and about what they stand for', () => {
  const rows = [...EVENTS, ...OPERATIONS, ...MESSAGES.map(([name, ...rest]) => ['', name, ...rest])];
  for (const [channel, name, , file, title] of rows) {
    const path = pathOf(file);
    const found = testsOf(path).find((each) => each.name === title);
    assert.ok(found, `${path} has no test \`${title}\``);
    const whole = readFileSync(join(root, path), 'utf8');
    assert.match(whole, new RegExp(`['"\`]${channel}`), `${path} does not join \`${channel}\``);
    // A note comes as what a helper waits for.
    const word = name.split(' ').at(-1);
    if (word !== 'note') assert.match(found.text, new RegExp(`\\b${word}\\b`), `${title}: \`${word}\``);
  }
});

test('the page is that of this server (`cargo xtask compatibility` writes it)', async () => {
  const before = readFileSync(PAGE, 'utf8');
  const made = page(await world.visitor.api('endpoints'), before);
  if (process.env.SESERAGI_WRITE_PAGE) writeFileSync(PAGE, made);
  else assert.equal(before, made);
});
