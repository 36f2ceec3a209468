// An open connection of the replay: sends what the recorded one sent.

import { Socket } from '../../e2e/lib/socket.js';

/** The channels that this server has so far; a `connect` to another one is left out. */
const CHANNELS = new Set([
  'main', 'homeTimeline', 'localTimeline', 'hybridTimeline', 'globalTimeline',
  'userList', 'hashtag', 'roleTimeline', 'antenna', 'channel', 'drive', 'admin', 'chatUser',
  'chatRoom', 'reversi', 'reversiGame',
]);

/** Whether a frame is an event of a game of Reversi. */
export const isOfGame = ({ type, body }) => type === 'channel' && body.id === 'game';

export class Connection {
  #joined = new Set();

  /** Channels, by their id, that are not to be compared. */
  unlike;

  static async open(world, token, unlike) {
    const connection = new Connection();
    connection.unlike = unlike;
    connection.socket = await Socket.open(world, token);
    return connection;
  }

  /** Sends a recorded message, if it is for this server. False: it names what isn't known yet. */
  send(text, ids) {
    const message = JSON.parse(text);
    if (message.type === 'connect') {
      if (!CHANNELS.has(message.body.channel)) return true;
      if (!this.unlike.includes(message.body.id)) this.#joined.add(message.body.id);
    }
    const translated = ids.translate(message);
    if (translated !== null) this.socket.send(translated);
    return translated !== null;
  }

  /** Whether a recorded frame is of a channel that is to be joined here, or of none. */
  expects({ type, body }) {
    return !['channel', 'connected'].includes(type) || this.#joined.has(body.id);
  }

  /**
   * What has come since the last call. So many events of a game are waited for: a game begins
   * after a while, and no other event tells that an operation is done.
   */
  async received(ofGames = 0) {
    let missing = ofGames;
    const last = (frame) => isOfGame(frame) && (missing -= 1) === 0;
    if (missing > 0) await this.socket.until(last);
    return this.socket.settle();
  }

  close() {
    this.socket.close();
  }
}
