import { useEffect } from "preact/hooks";

import { reachable } from "../api/client";
import { live } from "../api/socket";
import { Button } from "../design/button";
import { Icon } from "../design/icon";
import { Link } from "../router";
import { me, signOut } from "../state/session";
import { theme } from "../state/settings";
import { words } from "./words";

export function Header() {
  return (
    <header class="top">
      <Link to="/jobs" class="brand">
        <svg class="icon" viewBox="0 0 32 20" aria-hidden="true">
          <path d="M1 10h6l3-7 5 14 4-10 3 6 2-3h7" />
        </svg>
        Dasein
      </Link>
      <Connection />
      <Who />
      <ThemeButton />
    </header>
  );
}

/** Whether what is shown is how things are. */
function Connection() {
  const said = words();
  useEffect(() => live.hold(), []);
  if (!reachable.value) return <Pill tone="bad" text={said.lost} hint={said.lostHint} />;
  const state = live.state.value;
  if (state === "down") return <Pill tone="warm" text={said.polling} hint={said.pollingHint} />;
  if (state === "ready" || state === "idle") return <Pill tone="good" text={said.live} hint={said.liveHint} />;
  return <Pill tone="plain" text={said.connecting} hint={said.liveHint} />;
}

function Pill({ tone, text, hint }: { tone: string; text: string; hint: string }) {
  return (
    <span class={`pill ${tone}`} title={hint} role="status">
      <span class="dot" />
      {text}
    </span>
  );
}

function Who() {
  const caller = me.value;
  const said = words();
  if (caller === null) return null;
  if (caller.authentication === "none") {
    return (
      <span class="pill wide-only" title={said.localHint}>
        {said.local}
      </span>
    );
  }
  return (
    <>
      <span class="pill wide-only" title={`${caller.name} · ${caller.tenant} · ${said.role(caller.role)}`}>
        <Icon name="key" />
        <span class="clip">
          {caller.name} <span class="dim">{caller.tenant}</span>
        </span>
      </span>
      <Button tone="quiet" icon="leave" bare onClick={signOut}>
        {said.signOut}
      </Button>
    </>
  );
}

function ThemeButton() {
  const chosen = theme.value;
  const dark = chosen === "dark" || (chosen === "system" && matchMedia("(prefers-color-scheme: dark)").matches);
  return (
    <Button tone="quiet" icon={dark ? "sun" : "moon"} bare onClick={() => (theme.value = dark ? "light" : "dark")}>
      {dark ? words().toLight : words().toDark}
    </Button>
  );
}
