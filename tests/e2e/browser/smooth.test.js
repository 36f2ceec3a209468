// What a page holds is bounded, however many notes go by. `cargo xtask soak` measures it over 10,000.

import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { launch } from '../lib/browser.js';
import { Busy, Weighed } from '../lib/smooth.js';
import { newWorld } from '../lib/world.js';

const ROUND = 200;
const SHOWN_MAX = 60;
/** Notes that differ in height have other ones on the screen, with other buttons. */
const TOLERANCE = 1.1;

const world = await newWorld();
const { author, friend } = await world.people('author', 'friend');
const browser = await launch();
after(() => browser.close());

test('what goes by leaves nothing behind in the page', async (context) => {
  const busy = new Busy(author, friend);
  await busy.flood(ROUND);
  const page = await Weighed.open(browser, world.origin);
  context.after(() => page.close());
  const weights = [];
  for (let round = 2; round <= 4; round += 1) {
    await busy.flood(ROUND * round);
    await page.reached(busy.written);
    weights.push(await page.weigh());
  }
  for (const { notes, elements } of weights) {
    assert.equal(notes, SHOWN_MAX);
    assert.ok(elements <= weights[0].elements * TOLERANCE, JSON.stringify(weights));
  }
  page.console.assertClean();
});
