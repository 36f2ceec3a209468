// A Redis (or Valkey) of the test's own, on a socket in a temporary folder.

import { join } from 'node:path';
import { Redis as Client } from 'ioredis';
import { Process, newFolder, program, removeFolder } from './throwaway.js';

export class Redis {
  #process;
  #folder;
  #clients = [];

  /** What a client needs to know, in the words of Misskey's own configuration. */
  settings = { pass: 'redis:pass/with@odd characters' };

  static async start() {
    const server = new Redis();
    server.#folder = await newFolder();
    await server.resume();
    return server;
  }

  /** The socket that it listens on. */
  get path() {
    return join(this.#folder, 'redis.sock');
  }

  /** A connected client; it ends with the server. */
  client() {
    const client = new Client({ path: this.path, password: this.settings.pass });
    // It connects again by itself after a restart.
    client.on('error', () => {});
    this.#clients.push(client);
    return client;
  }

  /** Starts it, empty. */
  async resume() {
    const found = program('redis-server') ?? program('valkey-server');
    if (!found) throw new Error('`redis-server` is missing: install Redis or Valkey');
    const args = [
      '--port', '0', '--unixsocket', this.path, '--requirepass', this.settings.pass,
      '--save', '', '--appendonly', 'no', '--dir', this.#folder,
    ];
    this.#process = await Process.start(found, args, { cwd: this.#folder, ready: /eady to accept connections/ });
  }

  /** Ends it as a crash would. */
  async halt() {
    await this.#process.end('SIGKILL');
  }

  async stop() {
    for (const client of this.#clients) client.disconnect();
    await this.halt();
    await removeFolder(this.#folder);
  }
}
