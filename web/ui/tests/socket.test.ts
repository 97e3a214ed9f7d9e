import { beforeEach, expect, test } from "vitest";

import { EventsSocket } from "../src/api/socket";

/** A WebSocket whose other end is the test. */
class Wire {
  readonly sent: Record<string, unknown>[] = [];
  closed = false;
  onopen: (() => void) | null = null;
  onmessage: ((message: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;

  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }

  close(): void {
    this.closed = true;
  }

  says(message: object): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }

  accept(): void {
    this.onopen?.();
    this.says({ type: "ready", tenant: "default" });
  }
}

let wires: Wire[];
let timers: { then: () => void; ms: number }[];
let key: string | null;
let socket: EventsSocket;
const wire = () => wires.at(-1) as Wire;

/** Let the timer that is due next run, and return what it waited for. */
function elapse(): number {
  timers.sort((a, b) => a.ms - b.ms);
  const timer = timers.shift();
  timer?.then();
  return timer?.ms ?? 0;
}

beforeEach(() => {
  wires = [];
  timers = [];
  key = "dsn_12345678_secret";
  socket = new EventsSocket("ws://farm/api/v2/events", {
    open: () => {
      wires.push(new Wire());
      return wire() as unknown as WebSocket;
    },
    later: (then, ms) => {
      const timer = { then, ms };
      timers.push(timer);
      return timer;
    },
    cancel: (timer) => {
      timers = timers.filter((item) => item !== timer);
    },
    chance: () => 1,
    key: () => key,
  });
});

test("the first message says who we are, and subscriptions wait for the answer", () => {
  socket.subscribe({ topic: "jobs", kind: "ping" }, { onEvent: () => undefined });
  wire().onopen?.();
  expect(wire().sent).toEqual([{ type: "auth", key }]);

  wire().says({ type: "ready", tenant: "default" });

  expect(wire().sent[1]).toEqual({ type: "subscribe", id: "s1", topic: "jobs", kind: "ping" });
  expect(socket.state.value).toBe("ready");
});

test("a farm without keys is told nothing of one", () => {
  key = null;
  socket.hold();
  wire().onopen?.();

  expect(wire().sent).toEqual([{ type: "auth" }]);
});

test("an event goes to whoever subscribed to it, and to nobody afterwards", () => {
  const heard: string[] = [];
  const end = socket.subscribe({ topic: "jobs" }, { onEvent: (event) => heard.push(`first ${event.name}`) });
  socket.subscribe({ topic: "jobs" }, { onEvent: (event) => heard.push(`second ${event.name}`) });
  wire().accept();

  wire().says({ type: "event", id: "s1", topic: "jobs", name: "state", job: {}, data: {} });
  end();
  wire().says({ type: "event", id: "s1", topic: "jobs", name: "done", job: {}, data: {} });

  expect(heard).toEqual(["first state"]);
  expect(wire().sent.at(-1)).toEqual({ type: "unsubscribe", id: "s1" });
});

test("after a lost connection it comes back, subscribes again, and says that something may be missing", () => {
  let gaps = 0;
  socket.subscribe({ topic: "jobs" }, { onEvent: () => undefined, onGap: () => (gaps += 1) });
  wire().accept();
  expect(gaps).toBe(1);

  wire().onclose?.({ code: 1006 });
  expect(socket.state.value).toBe("down");
  elapse();
  wire().accept();

  expect(wires).toHaveLength(2);
  expect(wire().sent).toContainEqual({ type: "subscribe", id: "s1", topic: "jobs" });
  expect([gaps, socket.state.value]).toEqual([2, "ready"]);
});

test("the waits between tries grow, up to a bound, and begin anew after a success", () => {
  socket.hold();
  const waits = Array.from({ length: 8 }, () => {
    wire().onclose?.({ code: 1006 });
    return elapse();
  });
  wire().accept();
  wire().onclose?.({ code: 1006 });

  expect(waits).toEqual([500, 1000, 2000, 4000, 8000, 16_000, 20_000, 20_000]);
  expect(elapse()).toBe(500);
});

test("a silent server is asked for a sign of life, and left when it gives none", () => {
  socket.hold();
  wire().accept();
  expect(elapse()).toBe(20_000);
  expect(wire().sent.at(-1)).toEqual({ type: "ping" });

  expect(elapse()).toBe(10_000);

  expect(wire().closed).toBe(true);
  expect(socket.state.value).toBe("down");
});

test("an answer to a ping is a sign of life", () => {
  socket.hold();
  wire().accept();
  elapse();

  wire().says({ type: "pong" });

  expect(timers.map((timer) => timer.ms)).toEqual([20_000]);
});

test("a server that accepts but never gets ready is left", () => {
  socket.hold();
  wire().onopen?.();

  elapse();

  expect(socket.state.value).toBe("down");
});

test("a client that read too slowly looks again", () => {
  let gaps = 0;
  socket.subscribe({ topic: "jobs" }, { onEvent: () => undefined, onGap: () => (gaps += 1) });
  wire().accept();

  wire().says({ type: "lagged", missed: 12 });

  expect(gaps).toBe(2);
});

test("a refused subscription is told to who asked, and what is no message is ignored", () => {
  const refused: string[] = [];
  socket.subscribe({ topic: "jobs" }, { onEvent: () => undefined, onRefused: (code) => refused.push(code) });
  wire().accept();

  wire().onmessage?.({ data: "{" });
  wire().onmessage?.({ data: "7" });
  wire().says({ type: "error", id: "s1", code: "not-found", detail: "no such job" });

  expect(refused).toEqual(["not-found"]);
});

test("it closes when nobody wants it any more, but not between two views", () => {
  const end = socket.subscribe({ topic: "jobs" }, { onEvent: () => undefined });
  wire().accept();
  end();
  socket.subscribe({ topic: "jobs" }, { onEvent: () => undefined });
  elapse();
  expect(wire().closed).toBe(false);

  socket.close();

  expect(wire().closed).toBe(true);
  expect([socket.state.value, timers.length]).toEqual(["idle", 0]);
});

test("a connection that ends because nothing was told over it is made anew when somebody listens", () => {
  socket.hold();
  wire().accept();
  wire().onclose?.({ code: 4408 });
  expect([socket.state.value, timers.length]).toEqual(["idle", 0]);

  socket.subscribe({ topic: "jobs" }, { onEvent: () => undefined });
  wire().accept();

  expect([wires.length, socket.state.value]).toEqual([2, "ready"]);
});

test("what an old connection still says is not heard", () => {
  const heard: string[] = [];
  socket.subscribe({ topic: "jobs" }, { onEvent: (event) => heard.push(event.name) });
  const old = wire();
  old.accept();
  old.onclose?.({ code: 1006 });
  elapse();
  wire().accept();

  old.says({ type: "event", id: "s1", topic: "jobs", name: "state", job: {}, data: {} });
  old.onclose?.({ code: 1006 });

  expect([heard, socket.state.value]).toEqual([[], "ready"]);
});
