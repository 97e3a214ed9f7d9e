/** The frame, which never moves: header, rail, messages, and the view in the middle. */

import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";

import { Icon, type IconName } from "../design/icon";
import { Toasts } from "../design/toast";
import { places } from "../i18n/places";
import { Link, currentPath } from "../router";
import "./frame.css";
import { Header } from "./header";
import { words } from "./words";

export type Noun = "jobs" | "campaigns" | "ask" | "graph" | "records" | "pools" | "settings";

const RAIL: readonly { noun: Noun & IconName; to: string }[] = [
  { noun: "jobs", to: "/jobs" },
  { noun: "campaigns", to: "/campaigns/new" },
  { noun: "ask", to: "/ask" },
  { noun: "graph", to: "/graph" },
  { noun: "records", to: "/records" },
  { noun: "pools", to: "/pools" },
  { noun: "settings", to: "/settings" },
];

export function Frame({ noun, children }: { noun: Noun | null; children: ComponentChildren }) {
  const main = useRef<HTMLElement>(null);
  const path = currentPath.value;
  const shown = useRef(path);
  // A new view begins at its top, and screen readers begin there, too; the first one is the browser's to announce.
  useEffect(() => {
    if (shown.current === path) return;
    shown.current = path;
    main.current?.scrollTo(0, 0);
    main.current?.focus({ preventScroll: true });
  }, [path]);
  return (
    <div class="frame">
      <a class="skip" href="#main" onClick={(event) => (event.preventDefault(), main.current?.focus())}>
        {words().skip}
      </a>
      <Header />
      <nav class="rail" aria-label={words().views}>
        {RAIL.map((item) => (
          <Link key={item.noun} to={item.to} aria-current={item.noun === noun ? "page" : undefined}>
            <Icon name={item.noun} />
            <span>{places()[item.noun]}</span>
          </Link>
        ))}
      </nav>
      <main class="main" id="main" tabIndex={-1} ref={main}>
        <div class="view">{children}</div>
      </main>
      <Toasts />
    </div>
  );
}
