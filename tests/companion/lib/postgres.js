// A PostgreSQL of the test's own, on a socket in a temporary folder.

import { readdirSync, existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { Process, newFolder, program, removeFolder, run, unprivileged } from './throwaway.js';

const DEBIAN = '/usr/lib/postgresql';
const PORT = 5432;
const NAME = 'misskey';

// Nothing here has to survive a power cut.
const SETTINGS = {
  listen_addresses: '', max_connections: 300, shared_buffers: '32MB',
  fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', autovacuum: 'off',
};

/** Where Debian keeps the programs of a server, the newest first. */
function folders() {
  if (!existsSync(DEBIAN)) return [];
  const versions = readdirSync(DEBIAN).sort((a, b) => Number(b) - Number(a));
  return versions.map((version) => join(DEBIAN, version, 'bin'));
}

export class Postgres {
  #process;
  #user;
  #folder;

  /** What a client needs to know, in the words of Misskey's own configuration. */
  settings = { db: NAME, user: NAME, pass: 'pg:pass/with@odd characters' };

  static async start() {
    const server = new Postgres();
    server.#user = await unprivileged(['postgres', 'nobody']);
    server.#folder = await newFolder(server.#user);
    await server.#create();
    await server.resume();
    const client = server.client({ database: 'postgres' });
    await client.connect();
    await client.query(`CREATE DATABASE ${NAME}`);
    await client.end();
    return server;
  }

  /** The socket that it listens on. */
  get path() {
    return join(this.#folder, `.s.PGSQL.${PORT}`);
  }

  /** The folder of that socket, which is how clients name it. */
  get folder() {
    return this.#folder;
  }

  /** A client that is not connected yet. */
  client(more = {}) {
    const { user, pass: password, db: database } = this.settings;
    return new pg.Client({ host: this.#folder, port: PORT, user, password, database, ...more });
  }

  async #create() {
    const secret = join(this.#folder, 'secret');
    await writeFile(secret, this.settings.pass, { mode: 0o644 });
    await run(this.#program('initdb'), [
      '--pgdata', join(this.#folder, 'data'), '--username', NAME, '--pwfile', secret,
      '--auth', 'scram-sha-256', '--encoding', 'UTF8', '--no-locale', '--no-sync',
    ], { user: this.#user, cwd: this.#folder });
  }

  #program(name) {
    const found = program(name, folders());
    if (!found) throw new Error(`\`${name}\` is missing: install PostgreSQL`);
    return found;
  }

  /** Starts it on what it had. */
  async resume() {
    const settings = Object.entries(SETTINGS).flatMap(([key, value]) => ['-c', `${key}=${value}`]);
    const args = ['-D', join(this.#folder, 'data'), '-k', this.#folder, '-p', String(PORT)];
    const user = this.#user;
    const ready = /ready to accept connections/;
    this.#process =
      await Process.start(this.#program('postgres'), [...args, ...settings], { user, cwd: this.#folder, ready });
  }

  /** Ends it at once, with all its connections. */
  async halt() {
    await this.#process.end('SIGQUIT');
  }

  async stop() {
    await this.halt();
    await removeFolder(this.#folder);
  }
}
