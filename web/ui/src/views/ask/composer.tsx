import { useEffect, useRef, useState } from "preact/hooks";

import { Button } from "../../design/button";
import { number } from "../../i18n/format";
import { MODES, type Mode } from "./types";
import { words } from "./words";

const LONGEST = 5000;
const WARN_BELOW = 500;
const TALLEST_PX = 200;

interface ComposerProps {
  readonly asking: boolean;
  readonly disabled: boolean;
  readonly onAsk: (message: string, mode: Mode) => void;
  readonly onStop: () => void;
}

/** Where a question is written. */
export function Composer({ asking, disabled, onAsk, onStop }: ComposerProps) {
  const said = words();
  const [text, setText] = useState("");
  const [mode, setMode] = useState<Mode>("mix");
  const field = useRef<HTMLTextAreaElement>(null);
  useEffect(() => {
    const area = field.current;
    if (area === null) return;
    area.style.height = "auto";
    area.style.height = `${Math.min(TALLEST_PX, area.scrollHeight + 2)}px`;
  }, [text]);
  const send = () => {
    const message = text.trim();
    if (message === "" || asking || disabled) return;
    onAsk(message, mode);
    setText("");
  };
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <label class="sr" for="ask-question">
        {said.question}
      </label>
      <textarea
        id="ask-question"
        ref={field}
        rows={1}
        maxLength={LONGEST}
        placeholder={said.placeholder}
        aria-describedby="ask-hint"
        disabled={disabled}
        value={text}
        dir="auto"
        onInput={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => {
          // While an input method composes, Enter chooses a word.
          if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
          event.preventDefault();
          send();
        }}
      />
      <div class="composer-row">
        <label class="composer-mode small">
          <span class="dim">{said.mode}</span>
          <select class="input" aria-label={said.mode} value={mode} onChange={(event) => setMode(event.currentTarget.value as Mode)}>
            {MODES.map((name) => (
              <option key={name} value={name}>
                {said.modes(name)}
              </option>
            ))}
          </select>
        </label>
        <span class="dim small composer-hint" id="ask-hint">
          {text.length > LONGEST - WARN_BELOW ? said.left(number(LONGEST - text.length)) : said.sendHint}
        </span>
        {asking ? (
          <Button icon="stop" onClick={onStop}>
            {said.stop}
          </Button>
        ) : (
          <Button type="submit" tone="primary" icon="send" disabled={disabled || text.trim() === ""}>
            {said.send}
          </Button>
        )}
      </div>
    </form>
  );
}
