/** A JSON value to be read: names, indentation, and folded where it is long. Everything is text. */

import { useState } from "preact/hooks";

import type { Json as Value } from "../api/types";
import { actions } from "../i18n/actions";
import { Button } from "./button";
import { CopyButton } from "./copy";

const SHOWN_CHARACTERS = 4000;

export function Json({ value, label }: { value: Value; label: string }) {
  const [whole, showWhole] = useState(false);
  const text = JSON.stringify(value, null, 2);
  const long = text.length > SHOWN_CHARACTERS;
  return (
    <div class="json">
      <div class="json-tools">
        <CopyButton text={text} />
      </div>
      {/* Focusable, so that it can be scrolled with the keyboard. */}
      <pre class="mono" tabIndex={0} role="group" aria-label={label}>
        {whole || !long ? text : `${text.slice(0, SHOWN_CHARACTERS)}\n…`}
      </pre>
      {long && !whole && (
        <Button tone="quiet" small icon="down" onClick={() => showWhole(true)}>
          {actions().more}
        </Button>
      )}
    </div>
  );
}
