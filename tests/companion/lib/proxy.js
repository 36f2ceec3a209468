// A proxy in front of a server's socket that does to connections what networks do.

import { once } from 'node:events';
import { connect, createServer } from 'node:net';

export class Proxy {
  #listener;
  #pairs = new Set();
  #delayMs = 0;

  /** The port that it listens on, on 127.0.0.1. */
  port;

  /** Passes everything on to the socket at `path`. */
  static async start(path) {
    const proxy = new Proxy();
    proxy.path = path;
    proxy.port = await proxy.#listen(0);
    return proxy;
  }

  /** How many connections go through it. */
  get connections() {
    return this.#pairs.size;
  }

  /** Cuts all connections. */
  cut() {
    for (const { client, server } of this.#pairs) {
      client.destroy();
      server.destroy();
    }
  }

  /** Cuts all connections and refuses new ones. */
  async refuse() {
    const closed = once(this.#listener, 'close');
    this.#listener.close();
    this.cut();
    await closed;
  }

  /** Takes connections again, on the same port. */
  async accept() {
    await this.#listen(this.port);
  }

  /** Holds back everything, in both directions, for this long. */
  delay(ms) {
    this.#delayMs = ms;
  }

  /** Sends bytes to every client as if the server had said them. */
  inject(bytes) {
    for (const { client } of this.#pairs) client.write(bytes);
  }

  async stop() {
    if (this.#listener.listening) await this.refuse();
    this.cut();
  }

  async #listen(port) {
    // A half-closed connection stays open in the other direction, as it does without a proxy.
    this.#listener = createServer({ allowHalfOpen: true }, (client) => this.#pass(client));
    this.#listener.listen(port, '127.0.0.1');
    await once(this.#listener, 'listening');
    return this.#listener.address().port;
  }

  #pass(client) {
    const server = connect({ path: this.path, allowHalfOpen: true });
    const pair = { client, server };
    this.#pairs.add(pair);
    this.#forward(client, server);
    this.#forward(server, client);
    for (const side of [client, server]) {
      side.on('error', () => {});
      side.on('close', () => {
        this.#pairs.delete(pair);
        client.destroy();
        server.destroy();
      });
    }
  }

  #forward(from, to) {
    from.on('data', (data) => this.#late(() => to.write(data)));
    from.on('end', () => this.#late(() => to.end()));
  }

  /**
   * Timers of one length fire in the order they were set, so bytes keep their order. What is held back
   * for longer than a test takes must not keep its process from ending.
   */
  #late(act) {
    if (this.#delayMs === 0) act();
    else setTimeout(act, this.#delayMs).unref();
  }
}
