import { useState } from "preact/hooks";

import { Icon, type IconName } from "../../design/icon";
import { number } from "../../i18n/format";
import { words as thingWords } from "../things/words";
import type { Evidence } from "./types";
import { words } from "./words";

const SHOWN = 4;
const MORE = 40;
const LONGEST = 44;

const ICONS: Readonly<Record<string, IconName>> = {
  Instruction: "code",
  Function: "code",
  SecurityVulnerability: "alert",
  Mitigation: "shield",
  Campaign: "campaigns",
  Measurement: "rows",
  Document: "document",
  Chunk: "document",
  Passage: "document",
  Rem: "records",
  Firmware: "pools",
};

interface ChipsProps {
  readonly ids: readonly string[];
  readonly cited: ReadonlyMap<string, Evidence>;
  readonly open: string | null;
  readonly onOpen: (id: string) => void;
}

/** What a sentence rests on, each piece a way to it. */
export function Chips({ ids, cited, open, onOpen }: ChipsProps) {
  const said = words();
  const [shown, show] = useState(SHOWN);
  if (ids.length === 0) return null;
  return (
    <ul class="chips" aria-label={said.evidence}>
      {ids.slice(0, shown).map((id) => (
        <li key={id}>
          <Chip id={id} evidence={cited.get(id)} pressed={id === open} onOpen={onOpen} />
        </li>
      ))}
      {ids.length > shown && (
        <li>
          <button type="button" class="chip more" onClick={() => show(shown + MORE)}>
            {said.moreEvidence(`+${number(ids.length - shown)}`)}
          </button>
        </li>
      )}
      {shown > SHOWN && (
        <li>
          <button type="button" class="chip more" onClick={() => show(SHOWN)}>
            {said.lessEvidence}
          </button>
        </li>
      )}
    </ul>
  );
}

interface ChipProps {
  readonly id: string;
  readonly evidence: Evidence | undefined;
  readonly pressed: boolean;
  readonly onOpen: (id: string) => void;
}

function Chip({ id, evidence, pressed, onOpen }: ChipProps) {
  const title = evidence?.title ?? id;
  const kind = thingWords().label(evidence?.kind ?? "");
  return (
    <button
      type="button"
      class="chip"
      aria-pressed={pressed}
      aria-label={words().openEvidence(kind, title)}
      title={title}
      onClick={() => onOpen(id)}
    >
      <Icon name={ICONS[evidence?.kind ?? ""] ?? "graph"} />
      <span class="clip">{brief(title)}</span>
    </button>
  );
}

/** A title without the folders of files, and without what it has in brackets at its end. */
function brief(title: string): string {
  const short = title.replace(/ \([^()]*\)$/, "").replace(/(?:[\w.-]+\/)+(?=[\w.-]+:\d)/g, "");
  return short.length > LONGEST ? `${short.slice(0, LONGEST - 1)}…` : short;
}
