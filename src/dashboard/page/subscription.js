// One subscription: connects, resumes where it was, and knows by itself when it is deaf.
//
// A subscription has one filter for its whole life on the wire: another filter is another
// connection, which takes the first one's place only once the server has accepted it. So nothing
// of the one is ever shown under the other, and a filter that is refused changes nothing.

/// Milliseconds between two questions whether the server still answers, and for the answer.
const ASK = 5000;
const ANSWER = 5000;

/// Milliseconds between two tries to connect: at first, for the first minutes, and after those.
const RETRY_LEAST = 400;
const RETRY_MOST = 1500;
const RETRY_LATE = 10_000;
const LATE = 5 * 60_000;

const STORED_TOKEN = "flashwire.token";

export const token = {
  get: () => sessionStorage.getItem(STORED_TOKEN),
  set: (value) => sessionStorage.setItem(STORED_TOKEN, value),
  drop: () => sessionStorage.removeItem(STORED_TOKEN),
};

export class Subscription {
  /// `onframe(frame)` gets events and what else is to be shown, `onreset()` comes before the
  /// first frame of another filter or wire, `onstate(state)` after every change of
  /// `{name, since, nextTry, reason}`, `onrefused(message)` where a filter can't be used
  /// ("" once one can), `ontoken()` where a token is asked for.
  onframe = () => {};
  onreset = () => {};
  onstate = () => {};
  onrefused = () => {};
  ontoken = () => {};

  state = { name: "connecting" };
  /// The server's clock minus this machine's, in milliseconds.
  skew = 0;

  #parameters;
  #newest;
  /// The connection in use, and the one that would take its place.
  #line = null;
  #next = null;
  #epoch = "";
  #cursor = null;
  #retry = RETRY_LEAST;
  #hint = 0;
  #timer = null;
  #since = null;
  #asked = 0;
  #pending = new Map();
  #watch = null;
  #ended = false;

  /// `parameters` as in the query of `/v1/wire`; it begins with the `newest` events.
  constructor(parameters, newest) {
    this.#parameters = parameters;
    this.#newest = newest;
    addEventListener("online", this.#hurry);
    document.addEventListener("visibilitychange", this.#looked);
  }

  connect() {
    if (!this.#ended) this.#open(this.#parameters, this.#cursor);
  }

  /// Wants something else from now on, and the newest of it.
  want(parameters) {
    this.#open(parameters, null);
  }

  /// Asks for events before a position; resolves to the answer, or to nothing where the
  /// connection or the filter went meanwhile.
  older(count, before) {
    return this.#ask({ op: "last", n: count, before });
  }

  /// Tries at once.
  hurry() {
    this.#hurry();
  }

  end() {
    this.#ended = true;
    clearTimeout(this.#timer);
    clearInterval(this.#watch);
    removeEventListener("online", this.#hurry);
    document.removeEventListener("visibilitychange", this.#looked);
    for (const line of [this.#line, this.#next]) this.#drop(line);
    this.#line = null;
    this.#next = null;
  }

  #open(parameters, cursor) {
    clearTimeout(this.#timer);
    this.#timer = null;
    this.#drop(this.#next);
    const address = new URL("v1/wire", document.baseURI);
    address.protocol = address.protocol === "https:" ? "wss:" : "ws:";
    for (const [name, value] of Object.entries(parameters)) if (value) address.searchParams.set(name, value);
    address.searchParams.set("body", "none");
    if (cursor) address.searchParams.set("cursor", cursor);
    else address.searchParams.set("last", this.#newest);
    const line = { socket: new WebSocket(address, "flashwire.v1"), parameters, heard: performance.now(), asked: null, refusal: null };
    this.#next = line;
    line.socket.onopen = () => token.get() && this.#say(line, { op: "auth", token: token.get() });
    line.socket.onmessage = (message) => this.#hear(line, JSON.parse(message.data));
    line.socket.onclose = (close) => this.#closed(line, close);
    if (!this.#line) this.#tell(this.#since ? "retrying" : "connecting");
    this.#watch ??= setInterval(() => this.#check(), 500);
  }

  #drop(line) {
    if (!line) return;
    line.socket.onmessage = null;
    line.socket.onclose = null;
    line.socket.onopen = null;
    line.socket.close();
  }

  #say(line, op) {
    if (line.socket.readyState === WebSocket.OPEN) line.socket.send(JSON.stringify(op));
  }

  #ask(op) {
    if (this.#line?.socket.readyState !== WebSocket.OPEN) return Promise.resolve(null);
    const id = ++this.#asked;
    return new Promise((resolve) => {
      this.#pending.set(id, resolve);
      this.#say(this.#line, { ...op, id });
    });
  }

  #answer(id, frame) {
    this.#pending.get(id)?.(frame);
    this.#pending.delete(id);
  }

  #hear(line, frame) {
    line.heard = performance.now();
    if (frame.type === "hello") return this.#greeted(line, frame);
    if (line !== this.#line) {
      // Before its hello a connection says only why there will be none.
      if (frame.type === "error") line.refusal = frame.message;
      return undefined;
    }
    if (frame.cursor && frame.type !== "ack") this.#cursor = frame.cursor;
    switch (frame.type) {
      case "event":
        this.#cursor = `${this.#epoch}:${frame.seq}`;
        frame.live = this.state.name === "live" && !frame.backfill && !frame.stale;
        break;
      case "caughtUp":
        this.onframe(frame);
        return this.#tell("live");
      case "ack":
      case "last":
        return this.#answer(frame.id, frame);
      case "error":
        return this.#answer(frame.id, null);
      case "goodbye":
        this.#hint = frame.retryAfterMs ?? 0;
        return undefined;
      default:
    }
    return this.onframe(frame);
  }

  #greeted(line, hello) {
    const another = line.parameters !== this.#parameters || !this.#cursor;
    const before = this.#line;
    this.#line = line;
    this.#next = null;
    this.#drop(before);
    this.#forget();
    this.#parameters = line.parameters;
    // What a busy page hears late is no difference of clocks.
    const skew = Date.parse(hello.serverTime) - Date.now();
    this.skew = Math.abs(skew) < 1000 ? 0 : skew;
    if (another) this.onreset();
    else if (!hello.recovered) this.onframe({ type: "lost", text: `Something is missing here: ${hello.reason}.` });
    else if (this.#since) this.onframe({ type: "resumed", since: this.#since });
    this.#epoch = hello.epoch;
    this.#cursor = hello.resumedFrom;
    this.#retry = RETRY_LEAST;
    this.#since = null;
    this.onrefused("");
    this.#tell("catchingUp");
  }

  #closed(line, close) {
    if (line === this.#next) {
      this.#next = null;
      const refused = line.refusal ?? close.reason;
      if (close.code === 4500) {
        this.onrefused(refused || "this filter can't be used");
        // What was wanted before goes on; where nothing was, nothing can.
        if (!this.#line) this.#tell("refused", { reason: refused });
        return;
      }
      // Another filter could not be asked for: it is, with the next try.
      if (line.parameters !== this.#parameters) {
        this.#parameters = line.parameters;
        this.#cursor = null;
        this.#drop(this.#line);
      }
    }
    this.#line = null;
    this.#forget();
    this.#since ??= new Date();
    if (close.code === 4502) {
      token.drop();
      this.#tell("stopped", { reason: "a token is asked for" });
      this.ontoken();
      return;
    }
    if (close.code === 4501) {
      // The server has another wire now: what is shown belongs to the old one.
      this.#cursor = null;
      this.onframe({ type: "otherWire" });
    } else if (close.code > 4500 && close.code < 5000) {
      this.#tell("stopped", { reason: close.reason || `code ${close.code}` });
      return;
    }
    this.#later();
  }

  #later() {
    const most = Date.now() - this.#since > LATE ? RETRY_LATE : RETRY_MOST;
    const wait = Math.min(Math.max(this.#retry, this.#hint), most) * (0.75 + Math.random() / 2);
    this.#hint = 0;
    this.#retry = Math.min(this.#retry * 1.6, RETRY_LATE);
    this.#timer = setTimeout(() => this.connect(), wait);
    this.#tell("offline");
  }

  #forget() {
    for (const resolve of this.#pending.values()) resolve(null);
    this.#pending.clear();
  }

  /// A connection that gives no answer is none, whatever the socket says.
  #check() {
    const now = performance.now();
    for (const line of [this.#line, this.#next]) {
      if (!line) continue;
      if (line.asked !== null && line.heard < line.asked) {
        if (now - line.asked > ANSWER) this.#deaf(line);
      } else if (line.socket.readyState !== WebSocket.OPEN) {
        line.asked ??= now;
      } else if (now - Math.max(line.heard, line.asked ?? 0) > ASK) {
        line.asked = now;
        this.#say(line, { op: "ping", id: ++this.#asked });
      }
    }
  }

  #deaf(line) {
    this.#drop(line);
    this.#closed(line, { code: 1006, reason: "" });
  }

  #hurry = () => {
    if (!this.#line && !this.#next && this.#timer !== null) this.connect();
  };

  #looked = () => {
    if (!document.hidden) this.#hurry();
  };

  #tell(name, more = {}) {
    this.state = { name, since: this.#since, ...more };
    this.onstate(this.state);
  }
}
