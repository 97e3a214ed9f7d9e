import { useEffect, useState } from "preact/hooks";

import { Button } from "../../design/button";
import { Confirm } from "../../design/dialog";
import { call, path } from "../../api/client";
import { Problem } from "../../api/problem";
import { actions } from "../../i18n/actions";
import { moment } from "../../i18n/format";
import { may } from "../../state/session";
import { type Kept, forget, loadTitles, sessions, titles } from "./sessions";
import { words } from "./words";

const SHOWN = 12;

interface SessionListProps {
  readonly current: string | null;
  readonly onChoose: (id: string | null) => void;
}

/** The conversations of this browser, the newest first. */
export function SessionList({ current, onChoose }: SessionListProps) {
  const said = words();
  const [most, setMost] = useState(SHOWN);
  const [erasing, setErasing] = useState<Kept | null>(null);
  const list = sessions.value.slice(0, most);
  const key = list.map((item) => item.id).join();
  useEffect(() => {
    const giveUp = new AbortController();
    void loadTitles(list, giveUp.signal);
    return () => giveUp.abort();
  }, [key]);
  const erase = async (id: string) => {
    try {
      await call(path(["chat", id, "history"]), { method: "DELETE" });
    } catch (error) {
      if (!(error instanceof Problem && error.status === 404)) throw error;
    }
    forget(id);
    if (id === current) onChoose(null);
  };
  return (
    <>
      {list.length === 0 && <p class="dim small session-none">{said.none}</p>}
      <ul class="session-list">
        {list.map((item) => {
          const title = titles.value[item.id] || said.untitled;
          return (
            <li key={item.id} class={item.id === current ? "current" : ""}>
              <button
                type="button"
                class="session"
                aria-current={item.id === current ? "true" : undefined}
                onClick={() => onChoose(item.id)}
              >
                <span class="clip" dir="auto">
                  {title}
                </span>
                <span class="dim session-at">{moment(new Date(item.at).toISOString())}</span>
              </button>
              {may("erase_history") && (
                <Button tone="quiet" icon="trash" small bare onClick={() => setErasing(item)}>
                  {said.eraseOne(title)}
                </Button>
              )}
            </li>
          );
        })}
      </ul>
      {sessions.value.length > most && (
        <Button tone="quiet" small onClick={() => setMost(most + SHOWN)}>
          {actions().more}
        </Button>
      )}
      {erasing && (
        <Confirm title={said.eraseTitle} action={said.erase} danger onConfirm={() => erase(erasing.id)} onClose={() => setErasing(null)}>
          <p>
            <strong dir="auto">{titles.value[erasing.id]}</strong>
          </p>
          <p>{said.eraseText}</p>
        </Confirm>
      )}
    </>
  );
}
