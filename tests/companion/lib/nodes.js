// Seseragi processes beside one Misskey: its database, its Redis, and nothing else in common.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Server } from '../../e2e/lib/server.js';
import { newFolder, removeFolder } from './throwaway.js';

const WAIT_MS_MAX = 30_000;

/** How often relations without events are read again; in production every 10 s. */
const REREAD_MS = 100;

/** The part of a Misskey's `.config/default.yml` that a streaming server needs. */
function configuration({ host, database, redis }) {
  const lines = (settings) => Object.entries(settings)
    .map(([key, value]) => `  ${key}: ${JSON.stringify(value)}`).join('\n');
  return `# As Misskey's own example has it, comments and all.
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
   * @param {string[]} [options.args] more arguments of `serve`
   */
  static async start({ count = 1, args = [], ...misskey }) {
    const nodes = new Nodes();
    nodes.#folder = await newFolder();
    const misskeyConfig = join(nodes.#folder, 'default.yml');
    await writeFile(misskeyConfig, configuration(misskey));
    const options = { misskeyConfig, args: ['--reread-ms', String(REREAD_MS), ...args] };
    const starts = Array.from({ length: count }, () => Server.start(options));
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

  /** Waits until each process has begun and ended a reading of all relations. */
  async reread() {
    await Promise.all(this.#servers.map(async (server) => {
      const name = 'seseragi_companion_rereads_total';
      // One that was under way may have read before what is to be seen.
      const enough = (await metric(server, name)) + 2;
      await until(async () => (await metric(server, name)) >= enough, 'relations are not read again');
    }));
  }

  async stop() {
    await Promise.all(this.#servers.map((server) => server.stop()));
    await removeFolder(this.#folder);
  }
}

/** The value of a metric without labels; 0 while there is none. */
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
