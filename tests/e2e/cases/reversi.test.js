// Contract, section 4: `reversi` and `reversiGame`, and a whole game over its operations.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Game as Engine } from '../lib/reversi.js';
import { newWorld } from '../lib/world.js';

const world = await newWorld();

/** A game that the first has asked for and the second accepted. */
async function newGame(first, second, params = {}) {
  await first.api('reversi/match', { userId: second.id, ...params });
  return second.api('reversi/match', { userId: first.id, ...params });
}

const watch = (person, game) => person.join('reversiGame', { gameId: game.id });

const types = (events) => events.map(({ type }) => type);

/** A game with these settings that has begun; the players' channels, who has black first. */
async function begun(first, second, settings = {}) {
  const game = await newGame(first, second, { multiple: true });
  const channels = [await watch(first, game), await watch(second, game)];
  for (const [key, value] of Object.entries({ bw: '1', ...settings })) {
    channels[0].connection.send('updateSettings', { key, value });
  }
  for (const { connection } of channels) connection.send('ready', true);
  for (const channel of channels) await channel.until('started');
  return { game, channels };
}

let answers = 0;

/** Waits for what comes of operations: a reaction is sent behind them, one that is new. */
async function answered(channel, send) {
  const face = String.fromCodePoint(0x1f600 + answers);
  answers += 1;
  send();
  channel.connection.send('reaction', face);
  await channel.until('reacted', ({ reaction }) => reaction === face);
}

test('an invitation is told of, and accepting it is a game', async () => {
  const { alice, bob, carol } = await world.people('alice', 'bob', 'carol');
  const [asked, invited, other] = [
    await alice.join('reversi'), await bob.join('reversi'), await carol.join('reversi'),
  ];
  await alice.api('reversi/match', { userId: bob.id });
  assert.equal((await invited.until('invited')).user.id, alice.id);
  assert.deepEqual((await bob.api('reversi/invitations')).map(({ id }) => id), [alice.id]);
  const game = await bob.api('reversi/match', { userId: alice.id });
  assert.deepEqual((await asked.until('matched')).game, game);
  assert.deepEqual([game.user1Id, game.user2Id], [alice.id, bob.id]);
  assert.deepEqual(await other.events(), []);
  // Asking again gives the same game, as long as it has not begun.
  assert.equal((await alice.api('reversi/match', { userId: bob.id })).id, game.id);
});

test('two who play with anyone find each other', async () => {
  const { alice, bob } = await world.people('alice', 'bob');
  const channel = await alice.join('reversi');
  await alice.api('reversi/match', { noIrregularRules: true });
  const game = await bob.api('reversi/match');
  assert.deepEqual((await channel.until('matched')).game, game);
  assert.equal(game.noIrregularRules, true);
});

test('who calls the search off is found no more', async () => {
  const { alice, bob } = await world.people('alice', 'bob');
  const channel = await alice.join('reversi');
  await alice.api('reversi/match');
  await alice.api('reversi/cancel-match');
  await alice.api('reversi/match', { userId: bob.id });
  await alice.api('reversi/cancel-match', { userId: bob.id });
  await bob.api('reversi/match');
  await bob.api('reversi/cancel-match');
  assert.deepEqual(await bob.api('reversi/invitations'), []);
  assert.deepEqual(await channel.events(), []);
});

test('no invitation comes from whom one blocks', async () => {
  const { alice, bob } = await world.people('alice', 'bob');
  await bob.api('blocking/create', { userId: alice.id });
  const channel = await bob.join('reversi');
  await alice.api('reversi/match', { userId: bob.id });
  assert.deepEqual(await channel.events(), []);
  assert.deepEqual(await bob.api('reversi/invitations'), []);
});

test('a whole game, move by move, as the engine of the clients plays it', async () => {
  const { alice, bob } = await world.people('alice', 'bob');
  const { game, channels } = await begun(alice, bob, { map: ['----', '-wb-', '-bw-', '----'] });
  const visitor = await watch(world.visitor, game);
  const engine = new Engine(['----', '-wb-', '-bw-', '----'], {});
  let moves = 0;
  while (!engine.isEnded) {
    const [pos] = engine.canPutSomewhere(engine.turn);
    const player = engine.turn;
    const id = `move${moves}`;
    channels[player ? 0 : 1].connection.send('putStone', { pos, id });
    for (const channel of channels) {
      const { time, ...log } = await channel.until('log', (log) => log.id === id);
      assert.deepEqual(log, { player, operation: 'put', pos, id });
      assert.ok(Math.abs(Date.now() - time) < 600_000);
    }
    engine.put(player, pos);
    moves += 1;
    const verified = await world.visitor.api('reversi/verify', {
      gameId: game.id, crc32: engine.checksum(),
    });
    assert.equal(verified.desynced, false);
  }
  const winner = { true: alice.id, false: bob.id, null: null }[engine.winner];
  for (const channel of channels) {
    const { winnerId, game: ended } = await channel.until('ended');
    assert.deepEqual([winnerId, ended.winnerId, ended.isEnded], [winner, winner, true]);
    assert.equal(ended.logs.length, moves);
  }
  assert.deepEqual(types(await visitor.events()), [...Array(moves).fill('log'), 'ended']);
  const wrong = await alice.api('reversi/verify', { gameId: game.id, crc32: '0' });
  assert.deepEqual([wrong.desynced, wrong.game.id], [true, game.id]);
  const shown = await world.visitor.api('reversi/show-game', { gameId: game.id });
  assert.equal(shown.logs.length, moves);
  const mine = await alice.api('reversi/games', { my: true });
  assert.equal(mine[0].id, game.id);
});

test('settings are agreed on until both are ready', async () => {
  const { alice, bob } = await world.people('alice', 'bob');
  const game = await newGame(alice, bob);
  const [mine, theirs] = [await watch(alice, game), await watch(bob, game)];
  const settings = {
    map: ['-wb-', '-bw-'], bw: '2', isLlotheo: true, canPutEverywhere: true, loopedBoard: true,
    timeLimitForEachTurn: 5,
  };
  await answered(mine, () => {
    for (const [key, value] of Object.entries(settings)) {
      mine.connection.send('updateSettings', { key, value });
    }
    mine.connection.send('updateSettings', { key: 'nonsense', value: '1' });
    mine.connection.send('updateSettings', { key: 'map', value: ['x'] });
    mine.connection.send('updateSettings', { key: 'timeLimitForEachTurn', value: 0 });
    mine.connection.send('updateSettings', 5);
    mine.connection.send('ready', 'yes');
    mine.connection.send('ready', true);
    mine.connection.send('updateSettings', { key: 'bw', value: '1' });
  });
  const expected = Object.entries(settings).map(([key, value]) => (
    { type: 'updateSettings', body: { userId: alice.id, key, value } }));
  const events = (await theirs.events()).filter(({ type }) => type !== 'reacted');
  assert.deepEqual(events, [
    ...expected, { type: 'changeReadyStates', body: { user1: true, user2: false } },
  ]);
  theirs.connection.send('ready', true);
  const { game: started } = await theirs.until('started');
  for (const [key, value] of Object.entries(settings)) assert.deepEqual(started[key], value);
  assert.equal(started.black, 2);
});

test('illegal moves, moves out of turn, and those of others come to nothing', async () => {
  const { alice, bob, carol } = await world.people('alice', 'bob', 'carol');
  const { game, channels: [black, white] } = await begun(alice, bob);
  const stranger = await watch(carol, game);
  const visitor = await watch(world.visitor, game);
  for (const channel of [stranger, visitor]) {
    channel.connection.send('putStone', { pos: 19 });
    channel.connection.send('cancel', null);
    channel.connection.send('reaction', '🎉');
    channel.connection.send('ready', false);
    await channel.listener.answered();
  }
  await answered(white, () => white.connection.send('putStone', { pos: 18 }));
  await answered(black, () => {
    for (const pos of [63, 27, 64, -1, 1e9, '19', null, [19], 19.5]) {
      black.connection.send('putStone', { pos });
    }
    black.connection.send('putStone', null);
    black.connection.send('cancel', null);
    black.connection.send('claimTimeIsUp', {});
    black.connection.send('updateSettings', { key: 'isLlotheo', value: true });
    black.connection.send('putStone', { pos: 19, id: 'legal' });
  });
  const seen = (await visitor.events()).filter(({ type }) => type !== 'reacted');
  assert.deepEqual(seen.map(({ body }) => body.id), ['legal']);
  const { logs, isLlotheo } = await alice.api('reversi/show-game', { gameId: game.id });
  assert.deepEqual([logs.length, isLlotheo], [1, false]);
});

test('of two clients of a player that move at the same time one does', async () => {
  const { alice, bob } = await world.people('alice', 'bob');
  const { game, channels: [black] } = await begun(alice, bob);
  const others = await Promise.all(Array.from({ length: 4 }, () => watch(alice, game)));
  await Promise.all(others.map((channel, n) => answered(channel, () => {
    channel.connection.send('putStone', { pos: [19, 26, 37, 44][n], id: `${n}` });
  })));
  const logs = (await black.events()).filter(({ type }) => type === 'log');
  assert.equal(logs.length, 1);
  const shown = await alice.api('reversi/show-game', { gameId: game.id });
  assert.deepEqual(shown.logs.map(([, , , pos]) => pos), [logs[0].body.pos]);
});

test('who gives up loses', async () => {
  const { alice, bob } = await world.people('alice', 'bob');
  const { game, channels } = await begun(alice, bob);
  await alice.api('reversi/surrender', { gameId: game.id });
  for (const channel of channels) {
    const ended = await channel.until('ended');
    assert.deepEqual([ended.winnerId, ended.game.surrenderedUserId], [bob.id, alice.id]);
  }
  await assert.rejects(bob.api('reversi/surrender', { gameId: game.id }), { code: 'ALREADY_ENDED' });
});

test('who takes too long loses, once the other says so', async () => {
  const { alice, bob } = await world.people('alice', 'bob');
  const { channels: [black, white] } = await begun(alice, bob, { timeLimitForEachTurn: 1 });
  let ended = null;
  black.until('ended').then((event) => { ended = event; });
  while (ended === null) {
    white.connection.send('claimTimeIsUp', {});
    await white.listener.answered();
  }
  assert.deepEqual([ended.winnerId, ended.game.timeoutUserId], [bob.id, alice.id]);
});

test('a game that has not begun can be called off', async () => {
  const { alice, bob } = await world.people('alice', 'bob');
  const game = await newGame(alice, bob);
  const [mine, theirs] = [await watch(alice, game), await watch(bob, game)];
  mine.connection.send('cancel', null);
  assert.deepEqual(await theirs.until('canceled'), { userId: alice.id });
  await assert.rejects(
    alice.api('reversi/show-game', { gameId: game.id }), { code: 'NO_SUCH_GAME' });
});

test('a game survives the end of the server, and begins after it', async (context) => {
  const { Server, temporaryFolder } = await import('../lib/server.js');
  const { World } = await import('../lib/world.js');
  const folder = await temporaryFolder();
  context.after(folder.remove);
  const first = new World(await Server.start({ data: folder.path }));
  await first.settleIn();
  const { alice, bob } = await first.people('alice', 'bob');
  const game = await newGame(alice, bob);
  const channels = [await watch(alice, game), await watch(bob, game)];
  for (const { connection } of channels) connection.send('ready', true);
  await channels[0].until('changeReadyStates', ({ user1, user2 }) => user1 && user2);
  await first.close();
  await first.server.kill();
  const second = new World(await Server.start({ data: folder.path }));
  context.after(() => second.end());
  let shown;
  do {
    const response = await fetch(`${second.origin}/api/reversi/show-game`, {
      method: 'POST', headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ gameId: game.id }),
    });
    shown = await response.json();
  } while (!shown.isStarted);
  assert.equal(shown.isEnded, false);
});
