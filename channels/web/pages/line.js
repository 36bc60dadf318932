// A WebSocket that comes back: says hello first, sends again what was not acknowledged, notices a dead connection.

const PING_MS = 25000;
const PONG_MS = 10000;
const LAST_WAIT_MS = 8000;

export class Line {
  // `hello` makes our first frame of every connection, where the server wants one; `first` is the type of the server's
  // first. `on` is called with each frame that arrives, `state` with "open", "lost" or "closed" (the server does not want us:
  // the reason comes with it).
  constructor(path, { hello = null, first = "welcome", on, state }) {
    this.url = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}${path}`;
    this.hello = hello;
    this.first = first;
    this.on = on;
    this.state = state;
    this.unacknowledged = new Map();
    this.failures = 0;
    addEventListener("online", () => this.hurry());
    document.addEventListener("visibilitychange", () => document.hidden || this.hurry());
    this.connect();
  }

  connect() {
    clearTimeout(this.waiting);
    this.ready = false;
    const socket = (this.socket = new WebSocket(this.url));
    socket.onopen = () => this.hello && socket.send(JSON.stringify(this.hello()));
    socket.onmessage = (event) => this.socket === socket && this.receive(JSON.parse(event.data));
    socket.onclose = (event) => this.socket === socket && this.lost(event);
  }

  receive(frame) {
    clearTimeout(this.overdue);
    if (frame.type === this.first) {
      this.ready = true;
      this.failures = 0;
      this.state("open");
      clearInterval(this.pinging);
      this.pinging = setInterval(() => this.ping(), PING_MS);
    }
    if (frame.type === "accepted" || (frame.type === "refused" && frame.problem.status < 500)) {
      this.unacknowledged.delete(frame.id);
    }
    this.on(frame);
    if (frame.type === this.first) for (const waiting of this.unacknowledged.values()) this.write(waiting);
  }

  lost(event) {
    this.ready = false;
    clearInterval(this.pinging);
    clearTimeout(this.overdue);
    if (event.code === 1008) {
      this.state("closed", event.reason);
      return;
    }
    this.state("lost");
    const wait = Math.min(LAST_WAIT_MS, 400 * 2 ** this.failures++) * (0.7 + Math.random() * 0.6);
    this.waiting = setTimeout(() => this.connect(), wait);
  }

  hurry() {
    if (this.ready) this.ping();
    else if (this.socket.readyState !== WebSocket.CONNECTING) this.connect();
  }

  ping() {
    this.write({ type: "ping" });
    clearTimeout(this.overdue);
    this.overdue = setTimeout(() => this.restart(), PONG_MS);
  }

  // Start anew, for a dead connection or another hello.
  restart() {
    const old = this.socket;
    this.socket = null;
    old.close();
    this.connect();
  }

  // Send a frame that the server acknowledges by its id, now or as soon as there is a connection.
  send(frame) {
    this.unacknowledged.set(frame.id, frame);
    if (this.ready) this.write(frame);
  }

  // Confirm a delivery.
  confirm(id) {
    this.write({ type: "received", id });
  }

  write(frame) {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(frame));
  }
}
