// The recording of a real server, played beside a throwaway PostgreSQL and Redis: the same
// frames on every connection, but for the differences that `lib/tolerated.js` lists.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Player } from '../lib/player.js';
import { missing } from '../lib/recording.js';
import { Tolerance } from '../lib/tolerated.js';

for (const count of [1, 3]) {
  test(`the recording, with ${count} process(es)`, { skip: missing ?? false }, async (context) => {
    const player = await Player.start({ count });
    context.after(() => player.stop());
    const tolerance = new Tolerance();

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
