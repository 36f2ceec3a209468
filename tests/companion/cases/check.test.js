// The doctor: what it says of each part that is off, and that it says no secret.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { Misskey } from '../lib/misskey.js';
import { options } from '../lib/nodes.js';
import { World } from '../lib/world.js';

const HOST = 'misskey.example';

/** What an older Misskey, of version 13, or a fork of one lacks. */
const OLDER = `
  DROP TABLE channel_muting, chat_room, chat_room_membership, chat_room_invitation;
  ALTER TABLE user_list_membership RENAME TO user_list_joining;
  ALTER TABLE following DROP COLUMN "withReplies";
  ALTER TABLE meta DROP COLUMN "rootUserId", DROP COLUMN "ugcVisibilityForVisitor";
  ALTER TABLE role DROP COLUMN "isExplorable";
`;

describe('seseragi check', () => {
  let world;
  let misskey;

  /** Runs it; resolves to its exit code and what it printed. */
  const check = (more = [], { database = world.postgres.settings } = {}) => {
    const args = options({
      host: HOST,
      database: { host: '127.0.0.1', port: world.databaseProxy.port, ...database },
      redis: { host: '127.0.0.1', port: world.redisProxy.port, ...world.redis.settings },
    });
    return new Promise((resolve) => {
      execFile(process.env.SESERAGI_BIN, ['check', ...args, ...more], (error, stdout, stderr) => {
        const text = stdout + stderr;
        for (const { pass } of [database, world.redis.settings]) {
          assert.ok(!text.includes(pass) && !text.includes(encodeURIComponent(pass)), 'a secret is printed');
        }
        resolve({ code: error ? error.code : 0, text });
      });
    });
  };

  before(async () => {
    world = await World.start({ users: 1 });
    misskey = await Misskey.start();
  });
  after(async () => {
    await misskey?.stop();
    await world?.stop();
  });

  test('all is fine beside the newest Misskey', async () => {
    const { code, text } = await check(['--upstream', `http://${misskey.address}`]);
    assert.equal(code, 0, text);
    for (const part of ['database', 'tables and columns', 'events \\(Redis\\)', 'keys \\(Redis\\)', 'Misskey itself']) {
      assert.match(text, new RegExp(`^fine +${part} `, 'm'));
    }
    assert.equal(misskey.streams, 1);
  });

  test('an upstream that leads back here is told from one that is away', async () => {
    const loop = await check(['--upstream', world.nodes.origin(0)]);
    assert.equal(loop.code, 0, loop.text);
    assert.match(loop.text, /^off +Misskey itself .*leads back here.*\n +-> .*not the proxy's/m);
    const away = await check(['--upstream', 'http://127.0.0.1:1']);
    assert.match(away.text, /^off +Misskey itself .*cannot reach.*\n +-> see that Misskey runs/m);
    const unset = await check();
    assert.match(unset.text, /^off +Misskey itself +unset; notes of antennas/m);
  });

  test('nobody listens on the channel of another host', async () => {
    const { code, text } = await check(['--redis-prefix', 'other.example']);
    assert.equal(code, 0, text);
    assert.match(text, /^off +events \(Redis\) .*no Misskey listens on channel `other\.example`.*`misskey\.example`/m);
  });

  test('a wrong password is broken', async () => {
    const database = { ...world.postgres.settings, pass: 'another:secret' };
    const { code, text } = await check([], { database });
    assert.equal(code, 1, text);
    assert.match(text, /^broken +database .*password authentication failed.*nobody can log in/m);
  });

  test('an older Misskey goes without what it lacks', async () => {
    await world.client.query(OLDER);
    const { code, text } = await check();
    assert.equal(code, 0, text);
    for (const [table, what] of [
      ['channel_muting', 'nobody mutes channels'],
      ['chat_room', 'no chat room can be joined'],
      ['user_list_membership', 'lists are read from `user_list_joining`'],
      ['following', 'nobody follows with replies'],
      ['role', 'no role timeline can be joined'],
      ['meta', '`user.isRoot` tells who the root user is'],
    ]) {
      assert.match(text, new RegExp(`^off +tables and columns +\`${table}\` has no .*: ${what}`, 'm'));
    }
    assert.doesNotMatch(text, /^broken/m);
  });

  test('no Misskey at all is broken', async () => {
    await world.client.query('DROP TABLE meta');
    const { code, text } = await check();
    assert.equal(code, 1, text);
    assert.match(text, /^broken +tables and columns +`meta` has no id: nobody can log in\n +-> is this/m);
  });
});
