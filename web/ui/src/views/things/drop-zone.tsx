import type { ComponentChildren } from "preact";
import { useRef, useState } from "preact/hooks";

import { Button } from "../../design/button";
import { Icon } from "../../design/icon";
import "./things.css";
import { words } from "./words";

interface DropZoneProps {
  /** What may be chosen, as an `accept` attribute says it; what is dropped is judged by the farm. */
  readonly accept: string;
  readonly onFiles: (files: readonly File[]) => void;
  readonly children: ComponentChildren;
}

/** Takes files that are dropped or chosen. */
export function DropZone({ accept, onFiles, children }: DropZoneProps) {
  const said = words();
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(0);
  const take = (list: FileList | null | undefined) => {
    const files = [...(list ?? [])];
    if (files.length > 0) onFiles(files);
  };
  return (
    <div
      class={over > 0 ? "drop over" : "drop"}
      onDragEnter={(event) => (event.preventDefault(), setOver((depth) => depth + 1))}
      onDragLeave={() => setOver((depth) => Math.max(0, depth - 1))}
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => {
        event.preventDefault();
        setOver(0);
        take(event.dataTransfer?.files);
      }}
    >
      <Icon name="upload" />
      <div class="drop-words">
        <p>
          <strong>{said.dropHere}</strong> {said.orChoose}
        </p>
        <p class="small">{children}</p>
      </div>
      <Button onClick={() => input.current?.click()}>{said.chooseFiles}</Button>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        accept={accept}
        onChange={(event) => {
          take(event.currentTarget.files);
          // The same file may be chosen again.
          event.currentTarget.value = "";
        }}
      />
    </div>
  );
}
