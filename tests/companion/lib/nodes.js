// Seseragi processes beside one Misskey: its database, its Redis, and nothing else in common.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Server } from '../../e2e/lib/server.js';
import { newFolder, removeFolder } from './throwaway.js';

const WAIT_MS_MAX = 30_000;

/** How often relations without events are read again; in production every 10 s. */
const REREAD_MS = 50;

/**
 * Where everything is, as options of the command line.
 * @param database host (a folder with a socket, or an address), port, user, pass, db
 * @param redis `path` of a socket, or host and port; pass
 */
export function options({ host, database, redis }) {
  const [user, pass, at] = [database.user, database.pass, database.host].map(encodeURIComponent);
  const secret = encodeURIComponent(redis.pass);
  return [
    '--host', host,
    '--database-url', `postgres://${user}:${pass}@${at}:${database.port}/${database.db}`,
    '--redis-url', redis.path
      ? `unix://${redis.path}?pass=${secret}`
      : `redis://:${secret}@${redis.host}:${redis.port}/`,
  ];
}

/** The same as Misskey's `.config/default.yml`. */
function configuration({ host, database, redis }) {
  const lines = (settings) => Object.entries(settings)
    .map(([key, value]) => `  ${key}: ${JSON.stringify(value)}`).join('\n');
  return `# Final accessible URL seen by a user.
url: https://${host}/
port: 3000
db:
${lines(database)}
dbReplications: false
redis:
${lines(redis)}
id: 'aidx'
proxyBypassHosts:
  - api.deepl.com
`;
}

export class Nodes {
  #folder;
  #servers = [];

  /**
   * Starts `count` processes and waits until all are ready.
   * @param {object} options
   * @param {number} [options.count]
   * @param {string} options.host the host of the Misskey
   * @param {object} options.database its `db`
   * @param {object} options.redis its `redis`
   * @param {boolean} [options.file] whether to write them to a file like Misskey's
   * @param {number} [options.rereadMs] how often relations without events are read again
   * @param {string[]} [options.args] more arguments of `serve`
   */
  static async start({ count = 1, args = [], file = false, rereadMs = REREAD_MS, ...misskey }) {
    const nodes = new Nodes();
    nodes.#folder = await newFolder();
    const path = join(nodes.#folder, 'default.yml');
    if (file) await writeFile(path, configuration(misskey), { mode: 0o600 });
    const beside = file ? ['--misskey-config', path] : options(misskey);
    const more = ['--reread-interval-ms', String(rereadMs), ...args];
    const starts = Array.from({ length: count }, () => Server.start({ beside, args: more }));
    nodes.#servers = await Promise.all(starts);
    return nodes;
  }

  get servers() {
    return this.#servers;
  }

  /** The address of a process, each in its turn. */
  origin(number) {
    return this.#servers[number % this.#servers.length].origin;
  }

  /** All that they wrote to their logs. */
  get log() {
    return this.#servers.map((server) => server.log).join('\n');
  }

  /** Waits until what is in the database by now is known to each process. */
  async reread() {
    await Promise.all(this.#servers.map(async (server) => {
      const name = 'seseragi_rereads_total';
      // The next one may be asking already; the one after that has all its answers before a third.
      const enough = (await metric(server, name)) + 3;
      await until(async () => (await metric(server, name)) >= enough
        && (await metric(server, 'seseragi_backend_questions')) === 0, 'relations are not read again');
    }));
  }

  async stop() {
    await Promise.all(this.#servers.map((server) => server.stop()));
    await removeFolder(this.#folder);
  }
}

/** The value of a metric, named with its labels if it has some; 0 while there is none. */
export async function metric({ admin }, name) {
  const text = await (await fetch(`${admin}/metrics`)).text();
  const line = text.split('\n').find((each) => each.startsWith(`${name} `));
  return line === undefined ? 0 : Number(line.split(' ')[1]);
}

/** Asks again and again until `holds` gives true. */
export async function until(holds, fault, ms = WAIT_MS_MAX) {
  const deadline = Date.now() + ms;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(fault);
    await new Promise((resolve) => { setTimeout(resolve, 10); });
  }
}
