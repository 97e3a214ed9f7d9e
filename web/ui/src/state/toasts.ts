/** Short messages about what just happened; the frame shows them and screen readers say them. */

import { signal } from "@preact/signals";

export type Tone = "good" | "bad" | "plain";

export interface Toast {
  readonly id: number;
  readonly tone: Tone;
  readonly text: string;
}

const SHOWN_MS = 6000;
const MOST = 4;
let count = 0;

export const toasts = signal<readonly Toast[]>([]);

/** Show a message; errors stay until they are closed. */
export function toast(text: string, tone: Tone = "plain"): void {
  count += 1;
  const id = count;
  toasts.value = [...toasts.value, { id, tone, text }].slice(-MOST);
  if (tone !== "bad") setTimeout(() => closeToast(id), SHOWN_MS);
}

export function closeToast(id: number): void {
  toasts.value = toasts.value.filter((item) => item.id !== id);
}
