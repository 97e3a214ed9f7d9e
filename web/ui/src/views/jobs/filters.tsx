/** Filters, which live in the address. */

import { useEffect, useRef, useState } from "preact/hooks";

import { STATES } from "../../api/types";
import { Button } from "../../design/button";
import { Icon } from "../../design/icon";
import { states } from "../../i18n/states";
import { kindName, knownKinds } from "../../i18n/kinds";
import { currentQuery, setQuery } from "../../router";
import type { Filter } from "./list";
import { words } from "./words";

const TYPING_MS = 350;

export function filterOf(query: URLSearchParams): Filter {
  return { kind: query.get("kind"), state: query.get("state"), tag: query.get("tag") };
}

export function isFiltered(filter: Filter): boolean {
  return filter.kind !== null || filter.state !== null || filter.tag !== null;
}

export function clearFilters(): void {
  setQuery({ kind: null, state: null, tag: null }, { replace: false });
}

export function Filters() {
  const said = words();
  const filter = filterOf(currentQuery.value);
  const kinds = knownKinds();
  return (
    <div class="jobs-filters" role="search">
      <div class="segments jobs-states" role="group" aria-label={said.state}>
        {[null, ...STATES].map((state) => (
          <Button key={state ?? "all"} small aria-pressed={filter.state === state} onClick={() => setQuery({ state })}>
            {state === null ? said.all : states()[state]}
          </Button>
        ))}
      </div>
      <select
        class="input"
        aria-label={said.kind}
        value={filter.kind ?? ""}
        onChange={(event) => setQuery({ kind: event.currentTarget.value })}
      >
        <option value="">{said.allKinds}</option>
        {(filter.kind === null || kinds.includes(filter.kind) ? kinds : [...kinds, filter.kind]).map((kind) => (
          <option key={kind} value={kind}>
            {kindName(kind)}
          </option>
        ))}
      </select>
      <TagFilter tag={filter.tag ?? ""} />
      {isFiltered(filter) && (
        <Button tone="quiet" small icon="cross" onClick={clearFilters}>
          {said.clear}
        </Button>
      )}
    </div>
  );
}

function TagFilter({ tag }: { tag: string }) {
  const [text, setText] = useState(tag);
  const typing = useRef<ReturnType<typeof setTimeout> | null>(null);
  useEffect(() => setText(tag), [tag]);
  useEffect(() => () => void (typing.current !== null && clearTimeout(typing.current)), []);
  const typed = (value: string) => {
    setText(value);
    if (typing.current !== null) clearTimeout(typing.current);
    typing.current = setTimeout(() => setQuery({ tag: value.trim() }), TYPING_MS);
  };
  return (
    <div class="jobs-tag">
      <Icon name="search" />
      <input
        class="input"
        type="search"
        aria-label={words().tagHint}
        placeholder={words().tag}
        maxLength={64}
        value={text}
        onInput={(event) => typed(event.currentTarget.value)}
      />
    </div>
  );
}
