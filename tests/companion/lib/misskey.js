// A stand-in for a whole Misskey behind a proxy: it answers everything, and has a stream of its own.

import { once } from 'node:events';
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';

export class Misskey {
  #server;
  #streams = new WebSocketServer({ noServer: true });

  /** What was asked for, such as `POST /api/meta`. */
  requests = [];
  /** How many streams were opened. */
  streams = 0;

  static async start() {
    const misskey = new Misskey();
    misskey.#server = createServer((request, response) => misskey.#answer(request, response));
    misskey.#server.on('upgrade', (request, socket, head) => {
      misskey.#streams.handleUpgrade(request, socket, head, (stream) => {
        misskey.streams += 1;
        // A proxy that ends may say so in its own way.
        stream.on('error', () => {});
      });
    });
    misskey.#server.listen(0, '127.0.0.1');
    await once(misskey.#server, 'listening');
    return misskey;
  }

  get address() {
    return `127.0.0.1:${this.#server.address().port}`;
  }

  async stop() {
    if (!this.#server.listening) return;
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    for (const stream of this.#streams.clients) stream.terminate();
    await closed;
  }

  #answer({ method, url }, response) {
    this.requests.push(`${method} ${url}`);
    response.end(`Misskey answers ${url}`);
  }
}
