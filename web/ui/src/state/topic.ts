/** Live events for a view, with a second way for when they do not come. */

import { useEffect, useRef } from "preact/hooks";

import { type Listener, type Subscription, live } from "../api/socket";
import { useEvery } from "./resource";

const POLL_MS = 4000;

/** Listen to a topic while the view is shown. While the socket is down, `onGap` is called every few seconds instead. */
export function useTopic(subscription: Subscription | null, listener: Listener): void {
  const newest = useRef(listener);
  newest.current = listener;
  const key = JSON.stringify(subscription);
  useEffect(() => {
    const wanted = JSON.parse(key) as Subscription | null;
    if (wanted === null) return undefined;
    return live.subscribe(wanted, {
      onEvent: (event) => newest.current.onEvent(event),
      onGap: () => newest.current.onGap?.(),
      onRefused: (code, detail) => newest.current.onRefused?.(code, detail),
    });
  }, [key]);
  useEvery(subscription !== null && live.state.value === "down" ? POLL_MS : null, () => newest.current.onGap?.());
}
