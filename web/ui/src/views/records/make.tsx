import { useState } from "preact/hooks";

import { Badge } from "../../design/badge";
import { Button } from "../../design/button";
import { Card } from "../../design/card";
import { ErrorPanel } from "../../design/error-panel";
import { Field } from "../../design/field";
import { Icon } from "../../design/icon";
import { Progress } from "../../design/progress";
import { bytes, number } from "../../i18n/format";
import { Link } from "../../router";
import { DropZone } from "../things/drop-zone";
import { words as thingWords } from "../things/words";
import { type Chosen, type Making, useMaking } from "./making";
import { words } from "./words";

const ACCEPT = "image/*,audio/*,video/*,text/*,.md,.txt";
const TAG = /^[^,\s][^,]{0,63}$/;

/** Drop files, say how to look at them, and follow what becomes of each. */
export function Make({ onKnown }: { onKnown: () => void }) {
  const said = words();
  const making = useMaking(onKnown);
  const choosing = making.phase === "choosing";
  return (
    <>
      {choosing && (
        <DropZone accept={ACCEPT} onFiles={making.add}>
          {said.dropHint}
        </DropZone>
      )}
      {making.files.length > 0 && <NewRecords making={making} />}
    </>
  );
}

function NewRecords({ making }: { making: Making }) {
  const said = words();
  const things = thingWords();
  const [level, setLevel] = useState<"lite" | "full">("lite");
  const [tags, setTags] = useState("");
  const [together, setTogether] = useState(false);
  const [title, setTitle] = useState("");
  const choosing = making.phase === "choosing";
  const busy = making.phase === "uploading" || making.phase === "forging" || making.phase === "learning";
  const begin = (event: Event) => {
    event.preventDefault();
    const list = tags.split(",").map((tag) => tag.trim()).filter((tag) => TAG.test(tag)).slice(0, 16);
    making.begin({ level, tags: list, sequence: together ? title.trim() : null }, said.emptyFile);
  };
  return (
    <Card
      title={said.newRecords}
      note={<Phase making={making} />}
      actions={
        busy ? (
          <Button icon="stop" small onClick={making.stop}>
            {things.stop}
          </Button>
        ) : (
          <Button tone="quiet" small onClick={making.clear}>
            {choosing ? said.discard : said.close}
          </Button>
        )
      }
    >
      <form class="make" onSubmit={begin}>
        {making.error && <ErrorPanel error={making.error} title={said.failedAll} />}
        {making.phase === "forging" && (
          <Progress label={said.forging} done={making.progress?.done ?? 0} total={making.progress?.total ?? 0} />
        )}
        {making.result && making.result.degraded.length > 0 && (
          <ul class="warnings small">
            {making.result.degraded.map((part) => (
              <li key={part}>
                <Icon name="alert" />
                {part}
              </li>
            ))}
          </ul>
        )}
        {making.phase === "done" && making.job?.kind === "remforge.sequence" && (
          <p>
            <Link class="button primary" to={`/records?tab=sequences&job=${encodeURIComponent(making.job.id)}`}>
              {said.toReport}
            </Link>
          </p>
        )}
        <ul class="files">
          {making.files.map((item, at) => (
            <FileRow key={item.key} item={item} making={making} ordered={together} first={at === 0} last={at === making.files.length - 1} />
          ))}
        </ul>
        {choosing && (
          <div class="make-options">
            <Field label={said.level} hint={said.levelHint}>
              {(control) => (
                <select {...control} value={level} onChange={(event) => setLevel(event.currentTarget.value as "lite" | "full")}>
                  {(["lite", "full"] as const).map((name) => (
                    <option key={name} value={name}>
                      {said.levels(name)}
                    </option>
                  ))}
                </select>
              )}
            </Field>
            <Field label={said.tags} hint={said.tagsHint}>
              {(control) => <input {...control} maxLength={600} value={tags} onInput={(event) => setTags(event.currentTarget.value)} />}
            </Field>
            <div class="make-sequence">
              <label class="check">
                <input type="checkbox" checked={together} onChange={(event) => setTogether(event.currentTarget.checked)} />
                {said.asSequence}
              </label>
              {together && (
                <Field label={said.sequenceTitle}>
                  {(control) => <input {...control} maxLength={200} value={title} onInput={(event) => setTitle(event.currentTarget.value)} />}
                </Field>
              )}
            </div>
            <Button type="submit" tone="primary">
              {said.begin(making.files.length)}
            </Button>
          </div>
        )}
      </form>
    </Card>
  );
}

function Phase({ making }: { making: Making }) {
  const said = words();
  const { phase, result } = making;
  const text = {
    choosing: "",
    uploading: said.uploading,
    forging: said.forging,
    learning: said.learning,
    stopped: said.stoppedAll,
    failed: "",
    done: result ? (result.failed > 0 ? said.made(number(result.records), number(result.failed)) : said.allMade(number(result.records))) : "",
  }[phase];
  return <span role="status">{text}</span>;
}

interface FileRowProps {
  readonly item: Chosen;
  readonly making: Making;
  readonly ordered: boolean;
  readonly first: boolean;
  readonly last: boolean;
}

function FileRow({ item, making, ordered, first, last }: FileRowProps) {
  const said = words();
  const things = thingWords();
  const { name } = item.file;
  const { outcome } = item;
  const choosing = making.phase === "choosing";
  const refusal = item.error ?? (outcome && outcome.rem_id === null ? outcome.message ?? outcome.reason : null);
  return (
    <li class="file-row">
      <div class="grow">
        <div class="clip" dir="auto" title={name}>
          {outcome?.rem_id ? <Link to={`/records/${encodeURIComponent(outcome.rem_id)}`}>{name}</Link> : name}
        </div>
        {refusal ? (
          <div class="small refusal">{refusal}</div>
        ) : (
          <div class="dim small clip" dir="auto">
            {outcome?.headline ?? bytes(item.file.size)}
          </div>
        )}
      </div>
      {item.phase === "uploading" && making.phase === "uploading" && (
        <Progress label={things.uploading} done={item.sent} total={item.file.size} counted={false} />
      )}
      {refusal && (
        <Badge tone="bad" icon="cross">
          {item.error ? said.notUploaded : said.refused}
        </Badge>
      )}
      {!refusal && outcome?.rem_id && (
        <Badge tone="good" icon="check">
          {things.done}
        </Badge>
      )}
      {choosing && (
        <span class="file-tools">
          {ordered && (
            <>
              <Button tone="quiet" icon="up" small bare disabled={first} onClick={() => making.move(item.key, -1)}>
                {said.up(name)}
              </Button>
              <Button tone="quiet" icon="down" small bare disabled={last} onClick={() => making.move(item.key, 1)}>
                {said.down(name)}
              </Button>
            </>
          )}
          <Button tone="quiet" icon="cross" small bare onClick={() => making.leaveOut(item.key)}>
            {things.removeFromList(name)}
          </Button>
        </span>
      )}
    </li>
  );
}
