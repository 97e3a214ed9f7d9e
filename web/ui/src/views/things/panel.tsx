import type { ComponentChildren } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";

import { Button } from "../../design/button";
import { Dialog } from "../../design/dialog";
import { actions } from "../../i18n/actions";
import "./things.css";

const WIDE = "(min-width: 1100px)";

/** Say whether there is room for a panel beside the content, now and whenever that changes. */
export function useRoom(query = WIDE): boolean {
  const [wide, setWide] = useState(() => matchMedia(query).matches);
  useEffect(() => {
    const list = matchMedia(query);
    const changed = () => setWide(list.matches);
    changed();
    list.addEventListener("change", changed);
    return () => list.removeEventListener("change", changed);
  }, [query]);
  return wide;
}

interface SidePanelProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

/** More about something, beside what led to it; over it, as a dialog, where there is no room. */
export function SidePanel({ title, onClose, children }: SidePanelProps) {
  const wide = useRoom();
  const head = useRef<HTMLHeadingElement>(null);
  // Whoever opened it with the keyboard goes on in it.
  useEffect(() => head.current?.focus({ preventScroll: true }), [wide]);
  if (!wide) {
    return (
      <Dialog title={title} onClose={onClose}>
        <div class="things">{children}</div>
      </Dialog>
    );
  }
  const pressed = (event: KeyboardEvent) => {
    if (event.key === "Escape") onClose();
  };
  return (
    <aside class="things side-panel card" aria-label={title} onKeyDown={pressed}>
      <div class="card-head">
        <h2 tabIndex={-1} ref={head}>
          {title}
        </h2>
        <Button tone="quiet" icon="cross" bare small onClick={onClose}>
          {actions().close}
        </Button>
      </div>
      <div class="side-body">{children}</div>
    </aside>
  );
}
