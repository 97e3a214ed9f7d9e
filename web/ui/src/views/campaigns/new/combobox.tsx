/** A text field that offers what a firmware has: searched while one writes; what is not offered may be written all the same. */

import { useEffect, useId, useMemo, useRef, useState } from "preact/hooks";

import type { Control } from "../../../design/field";
import { words } from "../words";

export interface Choice {
  readonly value: string;
  readonly note: string;
}

interface ComboboxProps {
  readonly control: Control;
  readonly value: string;
  readonly choices: readonly Choice[];
  readonly onChange: (value: string, choice: Choice | null) => void;
  readonly placeholder?: string | undefined;
}

const MOST = 60;

export function Combobox({ control, value, choices, onChange, placeholder }: ComboboxProps) {
  const said = words();
  const id = useId();
  const [open, setOpen] = useState(false);
  const [searched, setSearched] = useState("");
  const [active, setActive] = useState(-1);
  const list = useRef<HTMLUListElement>(null);
  const found = useMemo(() => {
    const term = searched.toLowerCase();
    return choices.filter((choice) => choice.value.toLowerCase().includes(term) || choice.note.toLowerCase().includes(term)).slice(0, MOST);
  }, [choices, searched]);
  useEffect(() => {
    if (active >= 0) list.current?.children[active]?.scrollIntoView({ block: "nearest" });
  }, [active]);
  const show = () => {
    setSearched("");
    setOpen(true);
    setActive(-1);
  };
  const take = (choice: Choice) => {
    onChange(choice.value, choice);
    setOpen(false);
  };
  const pressed = (event: KeyboardEvent) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (!open) show();
      else {
        const step = event.key === "ArrowDown" ? 1 : -1;
        setActive((active + step + found.length + (active < 0 && step < 0 ? 1 : 0)) % Math.max(1, found.length));
      }
    } else if (event.key === "Enter" && open && found[active]) take(found[active]);
    else if (event.key === "Escape" && open) setOpen(false);
    else return;
    event.preventDefault();
  };
  const shown = open && choices.length > 0;
  return (
    <div class="combobox">
      <input
        {...control}
        type="text"
        class="input mono"
        role="combobox"
        autocomplete="off"
        spellcheck={false}
        aria-expanded={shown}
        aria-controls={shown ? `${id}-list` : undefined}
        aria-autocomplete="list"
        aria-activedescendant={shown && active >= 0 ? `${id}-${active}` : undefined}
        value={value}
        placeholder={placeholder}
        onFocus={show}
        onClick={() => !open && show()}
        onBlur={() => setOpen(false)}
        onKeyDown={pressed}
        onInput={(event) => {
          setSearched(event.currentTarget.value);
          setActive(-1);
          setOpen(true);
          onChange(event.currentTarget.value, choices.find((choice) => choice.value === event.currentTarget.value) ?? null);
        }}
      />
      {shown && (
        // The press must not take the focus before the choice is made.
        <ul class="combobox-list" role="listbox" id={`${id}-list`} aria-label={said.offered} ref={list} onPointerDown={(event) => event.preventDefault()}>
          {found.map((choice, at) => (
            <li key={choice.value} id={`${id}-${at}`} role="option" aria-selected={choice.value === value} class={at === active ? "active" : ""} onClick={() => take(choice)}>
              <span class="mono clip">{choice.value}</span>
              <span class="dim small clip">{choice.note}</span>
            </li>
          ))}
          {found.length === 0 && (
            <li class="combobox-none dim" role="option" aria-disabled="true" aria-selected="false">
              {said.notOffered}
            </li>
          )}
        </ul>
      )}
    </div>
  );
}
