/** One WebSocket for everything that is live: it says who we are, keeps itself alive, comes back, and subscribes again. */

import { type Signal, signal } from "@preact/signals";

import { type Backoff, delayMs } from "./backoff";
import { PREFIX } from "./client";
import { currentKey } from "./key";
import type { Job } from "./types";

export type Topic = "jobs" | "campaigns" | "vulnerabilities";

export interface Subscription {
  readonly topic: Topic;
  readonly job?: string;
  readonly kind?: string;
  readonly tag?: string;
}

export interface LiveEvent {
  readonly topic: Topic;
  readonly name: "state" | "progress" | "partial" | "done" | (string & {});
  readonly job: Job;
  readonly data: Record<string, unknown>;
}

export interface Listener {
  readonly onEvent: (event: LiveEvent) => void;
  /** Events may be missing: the subscription has just begun, begun again, or the server left some out. Look again. */
  readonly onGap?: () => void;
  readonly onRefused?: (code: string, detail: string) => void;
}

/** idle: nobody listens; a connection is made when somebody does. ready: events come. down: it was tried and does not work now; it is tried again. */
export type Link = "idle" | "connecting" | "ready" | "down";

/** What a socket needs of the browser, so that tests can stand in for it. */
export interface Surroundings {
  readonly open: (url: string) => WebSocket;
  readonly later: (then: () => void, ms: number) => unknown;
  readonly cancel: (timer: unknown) => void;
  readonly chance: () => number;
  readonly key: () => string | null;
}

const BACKOFF: Backoff = { firstMs: 500, longestMs: 20_000 };
const PING_MS = 20_000;
const SILENCE_MS = 10_000;
const READY_MS = 10_000;
const LINGER_MS = 5000;
/** The code with which the server ends a connection without subscriptions. */
const IDLE = 4408;

export class EventsSocket {
  readonly state: Signal<Link> = signal<Link>("idle");
  private readonly listeners = new Map<string, { subscription: Subscription; listener: Listener }>();
  private socket: WebSocket | null = null;
  private timer: unknown = null;
  private failures = 0;
  private count = 0;
  private held = 0;
  private readonly url: string;
  private readonly around: Surroundings;

  constructor(url: string, around: Surroundings) {
    this.url = url;
    this.around = around;
  }

  /** Listen; return what ends it. */
  subscribe(subscription: Subscription, listener: Listener): () => void {
    this.count += 1;
    const id = `s${this.count}`;
    this.listeners.set(id, { subscription, listener });
    if (this.state.value === "ready") this.begin(id);
    else if (this.state.value === "idle") this.connect();
    return () => {
      if (!this.listeners.delete(id)) return;
      if (this.state.value === "ready") this.send({ type: "unsubscribe", id });
      this.linger();
    };
  }

  /** Keep the connection although nobody listens, so that whoever does next hears at once; return what lets go. */
  hold(): () => void {
    this.held += 1;
    if (this.state.value === "idle") this.connect();
    let holding = true;
    return () => {
      if (holding) this.held = Math.max(0, this.held - 1);
      holding = false;
      this.linger();
    };
  }

  /** End the connection and forget who listened. */
  close(): void {
    this.listeners.clear();
    this.held = 0;
    this.rest();
  }

  /** Try at once rather than when the wait is over: the network is back, or the page is looked at again. */
  hurry(): void {
    if (this.state.value !== "down") return;
    this.stopTimer();
    this.connect();
  }

  private get wanted(): boolean {
    return this.listeners.size > 0 || this.held > 0;
  }

  /** Close when nobody wants it any more; views come and go, so not at once. */
  private linger(): void {
    if (!this.wanted) this.around.later(() => !this.wanted && this.state.value !== "idle" && this.close(), LINGER_MS);
  }

  private connect(): void {
    this.drop();
    if (this.failures === 0) this.state.value = "connecting";
    const socket = this.around.open(this.url);
    this.socket = socket;
    this.wait(() => this.lost(socket), READY_MS);
    socket.onopen = () => {
      const key = this.around.key();
      this.send(key === null ? { type: "auth" } : { type: "auth", key });
    };
    socket.onmessage = (message) => this.hear(socket, message.data);
    socket.onclose = (event) => {
      // The server keeps no connection over which nothing is told: that is no fault of the line.
      if (event.code === IDLE && this.listeners.size === 0 && socket === this.socket) this.rest();
      else this.lost(socket);
    };
  }

  private hear(socket: WebSocket, text: unknown): void {
    if (socket !== this.socket || typeof text !== "string") return;
    const message = parsed(text);
    if (message === null) return;
    if (message.type === "ready") this.ready();
    else if (this.state.value === "ready") this.pingLater();
    const found = typeof message.id === "string" ? this.listeners.get(message.id) : undefined;
    if (message.type === "event") found?.listener.onEvent(message as unknown as LiveEvent);
    else if (message.type === "lagged") this.gap();
    else if (message.type === "error") found?.listener.onRefused?.(String(message.code), String(message.detail));
  }

  private ready(): void {
    this.failures = 0;
    this.state.value = "ready";
    for (const id of this.listeners.keys()) this.begin(id);
    this.pingLater();
  }

  private begin(id: string): void {
    const found = this.listeners.get(id);
    if (found === undefined) return;
    this.send({ type: "subscribe", id, ...found.subscription });
    found.listener.onGap?.();
  }

  private gap(): void {
    for (const { listener } of this.listeners.values()) listener.onGap?.();
  }

  /** Ping after a silence; whoever does not even answer that is gone. */
  private pingLater(): void {
    this.wait(() => {
      const socket = this.socket;
      this.send({ type: "ping" });
      this.wait(() => socket !== null && this.lost(socket), SILENCE_MS);
    }, PING_MS);
  }

  private lost(socket: WebSocket): void {
    if (socket !== this.socket) return;
    this.drop();
    if (!this.wanted) {
      this.state.value = "idle";
      return;
    }
    this.failures += 1;
    this.state.value = "down";
    this.wait(() => this.connect(), delayMs(this.failures, BACKOFF, this.around.chance));
  }

  /** Wait, without a connection, for somebody who listens. */
  private rest(): void {
    this.drop();
    this.failures = 0;
    this.state.value = "idle";
  }

  private drop(): void {
    this.stopTimer();
    const socket = this.socket;
    this.socket = null;
    socket?.close();
  }

  private send(message: object): void {
    this.socket?.send(JSON.stringify(message));
  }

  private wait(then: () => void, ms: number): void {
    this.stopTimer();
    this.timer = this.around.later(then, ms);
  }

  private stopTimer(): void {
    if (this.timer !== null) this.around.cancel(this.timer);
    this.timer = null;
  }
}

function parsed(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

/** The page's socket. */
export const live = new EventsSocket(`${globalThis.location?.origin.replace(/^http/, "ws") ?? ""}${PREFIX}/events`, {
  open: (url) => new WebSocket(url),
  later: (then, ms) => setTimeout(then, ms),
  cancel: (timer) => clearTimeout(timer as number),
  chance: Math.random,
  key: currentKey,
});
