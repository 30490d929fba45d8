// The subscription: connects, resumes where it was, and says honestly how it stands.

const RETRY_LEAST = 500;
const RETRY_MOST = 15_000;
const STORED_TOKEN = "flashwire.token";

export class Wire {
  onframe = () => {};
  onstate = () => {};
  onrefused = () => {};
  onaccepted = () => {};
  ontoken = () => {};

  filter = "";
  caughtUp = false;

  #at;
  #first;
  #socket = null;
  #epoch = "";
  #cursor = null;
  #seq = 0;
  #head = 0;
  #retry = RETRY_LEAST;
  #wait = null;
  #offlineSince = null;
  #silence = null;
  #heartbeat = 15;
  #asked = 0;
  #pending = new Map();

  constructor(at, first) {
    this.#at = at;
    this.#first = first;
    addEventListener("online", () => this.#hurry());
    document.addEventListener("visibilitychange", () => document.hidden || this.#hurry());
  }

  connect() {
    clearTimeout(this.#wait);
    const address = new URL("/v1/wire", this.#at.href);
    address.protocol = this.#at.protocol === "https:" ? "wss:" : "ws:";
    if (this.#cursor) address.searchParams.set("cursor", this.#cursor);
    else address.searchParams.set("last", this.#first);
    if (this.filter) address.searchParams.set("q", this.filter);
    this.#state(this.#offlineSince ? "retrying" : "connecting");
    const socket = new WebSocket(address, "flashwire.v1");
    this.#socket = socket;
    socket.onopen = () => {
      const token = sessionStorage.getItem(STORED_TOKEN);
      if (token) this.#say({ op: "auth", token });
    };
    socket.onmessage = (message) => this.#hear(JSON.parse(message.data));
    socket.onclose = (close) => socket === this.#socket && this.#closed(close);
    this.#listen();
  }

  /// Wants something else from now on, and the newest of it.
  refilter(q, count) {
    const before = this.filter;
    this.filter = q;
    if (this.#socket?.readyState !== WebSocket.OPEN) {
      // The next connection asks for it from the start.
      this.#cursor = null;
      this.onframe({ type: "clear" });
      this.#hurry();
      return;
    }
    this.#ask({ op: "filter", q }, {
      done: () => {
        this.onaccepted();
        this.onframe({ type: "clear" });
        this.#ask({ op: "last", n: count }, { done: (frame) => this.onframe(frame) });
      },
      failed: (error) => {
        this.filter = before;
        this.onrefused(error.message);
      },
    });
  }

  /// Asks for events before a position.
  older(count, before) {
    this.#ask({ op: "last", n: count, before }, { done: (frame) => this.onframe(frame) });
  }

  showToken(token) {
    if (!token) return;
    sessionStorage.setItem(STORED_TOKEN, token);
    this.connect();
  }

  #ask(op, then) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return;
    const id = ++this.#asked;
    this.#pending.set(id, then);
    this.#say({ ...op, id });
  }

  #say(op) {
    this.#socket.send(JSON.stringify(op));
  }

  #hear(frame) {
    this.#listen();
    if (frame.cursor && frame.type !== "ack") this.#cursor = frame.cursor;
    switch (frame.type) {
      case "hello":
        this.#greeted(frame);
        return;
      case "event":
        this.#seq = frame.seq;
        this.#cursor = `${this.#epoch}:${frame.seq}`;
        frame.live = this.caughtUp && !frame.backfill && !frame.stale;
        if (!this.caughtUp) this.#state("catchingUp");
        break;
      case "caughtUp":
        this.caughtUp = true;
        this.#state("live");
        break;
      case "ack":
      case "last":
        if (frame.id !== undefined) {
          this.#pending.get(frame.id)?.done(frame);
          this.#pending.delete(frame.id);
        }
        return;
      case "error":
        if (this.#pending.has(frame.id)) this.#pending.get(frame.id).failed?.(frame);
        else this.onrefused(frame.message);
        this.#pending.delete(frame.id);
        return;
      case "goodbye":
        if (frame.retryAfterMs) this.#retry = frame.retryAfterMs;
        return;
      default:
    }
    this.onframe(frame);
  }

  #greeted(hello) {
    this.#epoch = hello.epoch;
    this.#head = hello.head;
    this.#seq = Number(hello.resumedFrom.split(":")[1]);
    this.#heartbeat = hello.heartbeatSeconds;
    this.#retry = RETRY_LEAST;
    this.onaccepted();
    if (!hello.recovered) this.onframe({ type: "lost", text: `Something is missing here: ${hello.reason}.` });
    else if (this.#offlineSince && this.#cursor) {
      const since = this.#offlineSince.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
      this.onframe({ type: "resumed", text: `Connection lost at ${since}. Resumed; nothing is missing.` });
    }
    this.#cursor ??= hello.resumedFrom;
    this.#offlineSince = null;
    this.caughtUp = false;
    this.#state("catchingUp");
  }

  #closed(close) {
    clearTimeout(this.#silence);
    this.#socket = null;
    this.caughtUp = false;
    this.#pending.clear();
    this.#offlineSince ??= new Date();
    if (close.code === 4502) {
      sessionStorage.removeItem(STORED_TOKEN);
      this.#state("stopped", "a token is asked for");
      this.ontoken();
      return;
    }
    if (close.code === 4501) {
      // The server has another wire now: what is shown belongs to the old one.
      this.#cursor = null;
      this.onframe({ type: "lost", text: "This is another wire than before; what stands below is from the old one." });
    } else if (close.code >= 4500 && close.code < 5000) {
      this.#state("stopped", close.reason || `code ${close.code}`);
      return;
    }
    const wait = this.#retry * (0.75 + Math.random() / 2);
    this.#retry = Math.min(this.#retry * 2, RETRY_MOST);
    this.#state("offline", Math.ceil(wait / 1000));
    this.#wait = setTimeout(() => this.connect(), wait);
  }

  /// Comes back at once where that makes sense now.
  #hurry() {
    if (this.#socket === null && this.#wait !== null) this.connect();
  }

  /// Silence for longer than the server promised means that the connection is gone.
  #listen() {
    clearTimeout(this.#silence);
    this.#silence = setTimeout(() => {
      const socket = this.#socket;
      if (!socket) return;
      this.#socket = null;
      socket.onclose = null;
      socket.close();
      this.#closed({ code: 1006, reason: "" });
    }, (this.#heartbeat * 2 + 5) * 1000);
  }

  #state(name, detail) {
    this.onstate({
      name,
      detail,
      caughtUp: this.caughtUp,
      behind: Math.max(0, this.#head - this.#seq),
      since: this.#offlineSince,
    });
  }
}
