// Random games on every map that clients offer, and on maps that nobody offers: after each move the
// server's board is the one that the engine of the clients has.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { Game as Engine } from '../e2e/lib/reversi.js';

const GAMES_PER_MAP_AND_RULES = 8;
const GAMES_ON_NO_MAP = 800;
const BATCH = 100;

const source = new URL('../e2e/node_modules/misskey-reversi/maps.ts', import.meta.url);
const player = join(dirname(process.env.SESERAGI_BIN ?? ''), 'reversi-player');

// A failure names the seed, and `REVERSI_SEED` plays the same games again.
const seed = Number(process.env.REVERSI_SEED ?? randomInt(2 ** 32 - 1));

/** Random numbers below `bound` (the generator known as mulberry32). */
function newChance() {
  let state = seed;
  return (bound) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % bound;
  };
}

/** The maps of the package, which has them as TypeScript alone. */
function readMaps() {
  const text = readFileSync(source, 'utf8');
  const maps = [...text.matchAll(/^\tdata: \[([^\]]*)\]/gm)]
    .map(([, rows]) => [...rows.matchAll(/'([^']*)'/g)].map(([, row]) => row));
  assert.equal(maps.length, text.match(/^export const /gm).length);
  assert.ok(maps.length >= 50);
  return maps;
}

/** A map of any size and letters. */
function randomMap(chance) {
  const [width, height] = [1 + chance(9), 1 + chance(9)];
  const letters = ['-bw', '--bw ', '-bbw', '----------bw  '][chance(4)];
  return Array.from({ length: height }, () => (
    Array.from({ length: width }, () => letters[chance(letters.length)]).join('')));
}

const rules = [0, 1, 2, 3, 4, 5, 6, 7].map((bits) => ({
  isLlotheo: (bits & 1) !== 0, canPutEverywhere: (bits & 2) !== 0, loopedBoard: (bits & 4) !== 0,
}));

/** What the engine of the clients has at this moment, as `reversi-player` writes it. */
function stateOf(engine) {
  const letters = { true: 'b', false: 'w', null: '-', undefined: ' ' };
  return {
    board: engine.board.map((square) => letters[square]).join(''),
    turn: engine.turn,
    legal: engine.isEnded ? [] : engine.canPutSomewhere(engine.turn),
    winner: engine.isEnded ? engine.winner : null,
    crc32: Number(engine.checksum()),
  };
}

/** Plays a game at random: the game, and what the board was before and after each move. */
function play(map, rules, chance) {
  const engine = new Engine(map, { ...rules });
  const moves = [];
  const states = [stateOf(engine)];
  while (!engine.isEnded) {
    const { legal } = states.at(-1);
    moves.push(legal[chance(legal.length)]);
    engine.put(engine.turn, moves.at(-1));
    states.push(stateOf(engine));
  }
  return { game: { map, ...rules, moves }, states };
}

function* games(chance) {
  for (const map of readMaps()) {
    for (const each of rules) {
      for (let n = 0; n < GAMES_PER_MAP_AND_RULES; n += 1) yield play(map, each, chance);
    }
  }
  for (let n = 0; n < GAMES_ON_NO_MAP; n += 1) {
    yield play(randomMap(chance), rules[chance(rules.length)], chance);
  }
}

test(`the server plays as clients do (REVERSI_SEED=${seed})`, async (context) => {
  const child = spawn(player, { stdio: ['pipe', 'pipe', 'inherit'] });
  context.after(() => child.kill());
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  let waiting = [];
  let played = 0;
  const compare = async () => {
    for (const { game, states } of waiting) {
      const { value } = await lines.next();
      assert.deepEqual(JSON.parse(value), states, JSON.stringify(game));
      played += 1;
    }
    waiting = [];
  };
  for (const one of games(newChance())) {
    child.stdin.write(`${JSON.stringify(one.game)}\n`);
    waiting.push(one);
    if (waiting.length === BATCH) await compare();
  }
  child.stdin.end();
  await compare();
  assert.deepEqual(await once(child, 'exit'), [0, null]);
  assert.ok(played >= 4_000, `${played} games`);
});
