// The proxies that `deploy/` has files for, each started with those very files.

import { connect, createServer } from 'node:net';
import { once } from 'node:events';
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from './nodes.js';
import { Process, newFolder, program, removeFolder } from './throwaway.js';

const DEPLOY = fileURLToPath(new URL('../../../deploy/', import.meta.url));
const SYSTEM = ['/usr/sbin', '/sbin'];

/** A file of `deploy/`. */
export const read = (name) => readFile(join(DEPLOY, name), 'utf8');

/** A text with some of it replaced; each `[what, with]` has to be there. */
export function replaced(text, replacements) {
  return replacements.reduce((rest, [what, instead]) => {
    if (!rest.includes(what)) throw new Error(`a file of deploy/ has no \`${what}\``);
    return rest.replaceAll(what, instead);
  }, text);
}

const hostOf = (origin) => new URL(origin).host;
const portOf = (origin) => new URL(origin).port;

/** The addresses that the files of `deploy/` have in common, and what is there in a test. */
const addresses = ({ misskey, nodes: { servers: [one, two] } }) => [
  ['127.0.0.1:3000', misskey.address],
  ['127.0.0.1:3100', hostOf(one.origin)],
  ['127.0.0.1:3101', hostOf(two.origin)],
];

/** The site of an operator who includes both files, and caches all that may be cached. */
const nginxSite = (folder, port) => `
daemon off;
master_process off;
pid ${folder}/nginx.pid;
error_log stderr notice;
events { worker_connections 2048; }
http {
  client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy; fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi; scgi_temp_path ${folder}/scgi;
  proxy_cache_path ${folder}/cache keys_zone=site:1m;
  access_log off;
  include ${folder}/seseragi.conf;
  server {
    listen 127.0.0.1:${port};
    proxy_cache site;
    proxy_cache_valid any 10m;
    include ${folder}/streaming.conf;
    location / { proxy_pass http://misskey_streaming; }
  }
}
`;

/** How each proxy is set up in a folder: the command that starts it, and a line that it then says. */
export const KINDS = {
  nginx: {
    /** Whether it is set up to keep answers for others. */
    caches: true,
    /** What makes everyone stream from Seseragi. */
    everyone: ['10% seseragi', '100% seseragi'],
    async setUp(folder, port, world, share) {
      const text = replaced(await read('nginx/seseragi.conf'), [...addresses(world), ...share]);
      await writeFile(join(folder, 'seseragi.conf'), text);
      const streaming = replaced(await read('nginx/streaming.conf'), [['/var/log/nginx', join(folder, 'log')]]);
      await writeFile(join(folder, 'streaming.conf'), streaming);
      await writeFile(join(folder, 'nginx.conf'), nginxSite(folder, port));
      const args = ['-e', 'stderr', '-p', folder, '-c', join(folder, 'nginx.conf')];
      return { command: 'nginx', args, ready: /using the "epoll" event method/ };
    },
  },

  haproxy: {
    caches: false,
    everyone: ['mod(100) lt 10', 'mod(100) lt 100'],
    async setUp(folder, port, world, share) {
      const { servers: [one, two] } = world.nodes;
      const text = replaced(await read('haproxy/haproxy.cfg'), [
        ...addresses(world), ...share,
        ['port 13100', `port ${portOf(one.admin)}`], ['port 13101', `port ${portOf(two.admin)}`],
        ['bind :80\n', `bind 127.0.0.1:${port}\n`],
        ['log /dev/log local0', 'log stdout format raw local0'],
        ['check inter 2s', 'check inter 200ms'], ['maxconn 50000', 'maxconn 1000'],
      ]);
      await writeFile(join(folder, 'haproxy.cfg'), text);
      return { command: 'haproxy', args: ['-V', '-db', '-f', join(folder, 'haproxy.cfg')], ready: /will use epoll/ };
    },
  },

  caddy: {
    caches: false,
    everyone: ['\t\theader_regexp Sec-WebSocket-Key ^[A-F]\n', ''],
    async setUp(folder, port, world, share) {
      const text = replaced(await read('caddy/Caddyfile'), [
        ...addresses(world), ...share,
        ['misskey.example {', `http://127.0.0.1:${port} {`],
        ['/var/log/caddy', join(folder, 'log')],
        // A port of Caddy's own, the same for all.
        ['\tlog default {', '\tadmin off\n\tlog default {'],
      ]);
      await writeFile(join(folder, 'Caddyfile'), text);
      const env = { XDG_DATA_HOME: folder, XDG_CONFIG_HOME: folder };
      const args = ['run', '--config', join(folder, 'Caddyfile'), '--adapter', 'caddyfile'];
      return { command: 'caddy', args, env, ready: /serving initial configuration/ };
    },
  },
};

export class Front {
  #process;
  #folder;

  /** Where clients connect. */
  origin;

  /**
   * Starts a proxy of this kind in front of a world with two processes and a Misskey.
   * @param {{ everyone: boolean }} options whether everyone streams from Seseragi, or as many as the file says
   */
  static async start(kind, world, { everyone }) {
    const front = new Front();
    front.#folder = await newFolder();
    await mkdir(join(front.#folder, 'log'));
    const port = await freePort();
    front.origin = `http://127.0.0.1:${port}`;
    const share = everyone ? [KINDS[kind].everyone] : [];
    const { command, args, env, ready } = await KINDS[kind].setUp(front.#folder, port, world, share);
    const found = program(command, SYSTEM);
    if (!found) throw new Error(`\`${command}\` is missing: install it`);
    front.#process = await Process.start(found, args, { cwd: front.#folder, env, ready });
    await until(() => accepts(port), `${kind} does not listen`);
    return front;
  }

  /** All that it has written: what it said, and its files. */
  async log() {
    const folder = join(this.#folder, 'log');
    const names = await readdir(folder);
    const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
    return [this.#process.log, ...texts].join('\n');
  }

  async stop() {
    await this.#process?.end('SIGTERM');
    await removeFolder(this.#folder);
  }
}

/** Whether somebody listens on a port. */
async function accepts(port) {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** A port that is free, and below those that the system gives to clients. */
async function freePort() {
  for (;;) {
    const server = createServer();
    const bound = new Promise((resolve) => { server.once('listening', resolve).once('error', resolve); });
    server.listen(10_000 + Math.floor(Math.random() * 20_000), '0.0.0.0');
    await bound;
    if (!server.listening) continue;
    const { port } = server.address();
    const closed = once(server, 'close');
    server.close();
    await closed;
    return port;
  }
}
