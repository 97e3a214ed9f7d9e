/** Which conversations this browser has begun: their ids, by who was signed in; what was said in them stays with the farm. */

import { signal } from "@preact/signals";

import { call, path } from "../../api/client";
import { Problem } from "../../api/problem";
import { me } from "../../state/session";
import type { History } from "./types";

const MOST = 50;

export interface Kept {
  readonly id: string;
  /** Of its last turn, in milliseconds since the epoch. */
  readonly at: number;
}

export const sessions = signal<readonly Kept[]>([]);
/** First questions, as far as this tab has seen them. */
export const titles = signal<Readonly<Record<string, string>>>({});

/** Read what is kept for the caller. */
export function recall(): void {
  sessions.value = listOf(stored("localStorage", place())).slice(0, MOST);
  titles.value = textsOf(stored("sessionStorage", place()));
}

/** Put a conversation first. */
export function remember(id: string, title?: string): void {
  keep([{ id, at: Date.now() }, ...sessions.value.filter((item) => item.id !== id)]);
  if (title !== undefined && titles.value[id] === undefined) entitle(id, title);
}

export function forget(id: string): void {
  keep(sessions.value.filter((item) => item.id !== id));
}

/** Ask for the first questions that are not known yet; conversations that are no longer there are forgotten. */
export async function loadTitles(wanted: readonly Kept[], signal: AbortSignal): Promise<void> {
  for (const { id } of wanted) {
    if (titles.value[id] !== undefined || signal.aborted) continue;
    try {
      const found = await history(id, { offset: 0, limit: 1 }, signal);
      entitle(id, found.turns[0]?.message ?? "");
    } catch (error) {
      if (!(error instanceof Problem && error.status === 404)) return;
      forget(id);
    }
  }
}

export function history(id: string, page: { offset: number; limit: number }, signal?: AbortSignal): Promise<History> {
  return call(path(["chat", id, "history"], page), { signal });
}

function keep(list: readonly Kept[]): void {
  sessions.value = list.slice(0, MOST);
  store("localStorage", sessions.value);
}

function entitle(id: string, title: string): void {
  titles.value = { ...titles.value, [id]: title.slice(0, 200) };
  // Like the key, forgotten with the tab.
  store("sessionStorage", titles.value);
}

function place(): string {
  return `dasein.chats.${me.value?.tenant ?? ""}.${me.value?.key ?? me.value?.name ?? ""}`;
}

type Where = "localStorage" | "sessionStorage";

function store(where: Where, value: unknown): void {
  try {
    window[where].setItem(place(), JSON.stringify(value));
  } catch {
    // Storage is switched off: the list lasts as long as the page.
  }
}

function stored(where: Where, name: string): unknown {
  try {
    return JSON.parse(window[where].getItem(name) ?? "null");
  } catch {
    return null;
  }
}

function listOf(value: unknown): Kept[] {
  if (!Array.isArray(value)) return [];
  return value.filter((item: Kept) => /^[A-Za-z0-9_-]{8,64}$/.test(String(item?.id)) && Number.isFinite(item?.at));
}

function textsOf(value: unknown): Record<string, string> {
  const entries = Object.entries(typeof value === "object" && value !== null ? value : {});
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === "string"));
}
