// Stands between the official client and its socket: sees every frame, and can cut the line.

/** What happens on the line, in the order it happens. */
export type LineEvent =
  | { what: 'opening' | 'open' }
  | { what: 'in' | 'out'; text: string }
  | { what: 'closed'; code: number; reason: string; byUs: boolean };

/** The code of a cut. The range from 3000 is for applications. */
const CUT_CODE = 3000;

/** A line that the official client talks over. */
export class Line {
  #socket: WebSocket | null = null;
  #cutting = false;
  #down = false;

  constructor(private readonly tell: (event: LineEvent) => void) {}

  /** Whether new connections are refused for now. */
  get down(): boolean {
    return this.#down;
  }

  /** Closes the connection under the client's feet; with `stay`, it finds no way back. */
  cut(stay: boolean): void {
    this.#down = stay;
    this.#cutting = true;
    this.#socket?.close(CUT_CODE, 'cut by hand');
  }

  /** Lets the client connect again. */
  restore(): void {
    this.#down = false;
  }

  /** Sends a frame as it is; `false` where there is no open connection. */
  send(text: string): boolean {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(text);
    return true;
  }

  /** A `WebSocket` for the client, bound to this line. */
  socketClass(): typeof WebSocket {
    const opened = (socket: WebSocket) => this.#opened(socket);
    const tell = this.tell;
    return class Tapped extends WebSocket {
      constructor(url: string | URL, protocols?: string | string[]) {
        super(url, protocols || []);
        opened(this);
      }

      override send(data: string | ArrayBufferLike | Blob | ArrayBufferView<ArrayBuffer>): void {
        super.send(data);
        if (typeof data === 'string') tell({ what: 'out', text: data });
      }
    };
  }

  #opened(socket: WebSocket): void {
    this.#socket = socket;
    this.tell({ what: 'opening' });
    if (this.#down) socket.close();
    socket.addEventListener('open', () => this.tell({ what: 'open' }));
    socket.addEventListener('message', ({ data }) => this.tell({ what: 'in', text: String(data) }));
    socket.addEventListener('close', ({ code, reason }) => {
      const byUs = this.#cutting || this.#down;
      this.#cutting = false;
      this.tell({ what: 'closed', code, reason, byUs });
    });
  }
}
