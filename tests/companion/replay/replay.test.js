// The recording of a real server, played beside a throwaway PostgreSQL and Redis: the same
// frames on every connection, but for the differences that `lib/tolerance.js` lists.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Player } from '../lib/player.js';
import { missing } from '../lib/recording.js';
import { ANSWERS, ROWS, UNJOINED } from '../lib/tolerance.js';
import { Tolerance } from '../lib/tolerated.js';

const WAYS = [
  { name: 'one process, told by Misskey\'s configuration', count: 1, file: true },
  { name: 'three processes that share the work', count: 3, file: false },
];

for (const { name, count, file } of WAYS) {
  test(`the recording, with ${name}`, { skip: missing ?? false }, async (context) => {
    const player = await Player.start({ count, file });
    context.after(() => player.stop());
    const tolerance = new Tolerance([...ROWS, ...ANSWERS], UNJOINED, player.steps);

    for (const step of player.steps.filter(({ number }) => number >= 60)) {
      if (step.done.length === 0) continue;
      await context.test(`step ${step.number}: ${step.name}`, async () => {
        assert.deepEqual(tolerance.unexplained(await player.play(step)), []);
      });
    }

    await context.test('every tolerated difference is there', () => {
      assert.deepEqual(tolerance.unused, []);
    });
  });
}
