/** Who uses the page. */

import { computed, signal } from "@preact/signals";

import { call } from "../api/client";
import { currentKey, keepKey, whenRefused } from "../api/key";
import { Problem } from "../api/problem";
import { live } from "../api/socket";
import type { Me } from "../api/types";

export type Session =
  | { readonly phase: "starting" }
  | { readonly phase: "open"; readonly me: Me }
  | { readonly phase: "signed-out"; readonly expired: boolean }
  | { readonly phase: "failed"; readonly error: Error };

export const session = signal<Session>({ phase: "starting" });

/** The caller; null while nobody is signed in. */
export const me = computed<Me | null>(() => (session.value.phase === "open" ? session.value.me : null));

/** Say whether the caller may call an operation of the API, by the name that `/me` gives it. */
export function may(operation: string): boolean {
  return me.value?.operations.includes(operation) ?? false;
}

/** Ask the server who we are; a key that is no longer taken leads to the sign-in. */
export async function start(): Promise<void> {
  session.value = { phase: "starting" };
  try {
    session.value = { phase: "open", me: await call<Me>("/me", { key: currentKey() }) };
  } catch (error) {
    if (error instanceof Problem && error.status === 401) {
      const expired = currentKey() !== null;
      keepKey(null);
      session.value = { phase: "signed-out", expired };
    } else {
      session.value = { phase: "failed", error: error as Error };
    }
  }
}

/** Ask again who we are, without anything on the page going away meanwhile. */
export async function refresh(): Promise<void> {
  if (session.value.phase === "open") session.value = { phase: "open", me: await call<Me>("/me") };
}

/** Sign in with a key; reject with what is wrong, and keep nothing then. */
export async function signIn(key: string): Promise<void> {
  const found = await call<Me>("/me", { key, tries: 2 });
  keepKey(key);
  session.value = { phase: "open", me: found };
}

/** Forget the key and, by loading the page anew, everything that was shown. */
export function signOut(): void {
  live.close();
  keepKey(null);
  window.location.assign("/app/");
}

// The address stays as it is: whoever signs in again is where they were.
whenRefused(() => {
  if (session.value.phase !== "open") return;
  live.close();
  keepKey(null);
  session.value = { phase: "signed-out", expired: true };
});
