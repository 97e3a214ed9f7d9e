/** Records: make some, look through them, find some. */

import { useRef, useState } from "preact/hooks";

import { Button } from "../../design/button";
import { Empty } from "../../design/empty";
import { ErrorPanel } from "../../design/error-panel";
import { Icon } from "../../design/icon";
import { Skeleton } from "../../design/skeleton";
import { actions } from "../../i18n/actions";
import { number } from "../../i18n/format";
import { currentQuery, setQuery } from "../../router";
import { useResource } from "../../state/resource";
import { may } from "../../state/session";
import { lines, search } from "./calls";
import { linesCsv } from "./exports";
import { List, Tiles, foundOne, listed } from "./gallery";
import { Make } from "./make";
import { save } from "./originals";
import { type Line, MODALITIES } from "./types";
import { words } from "./words";

const PAGE = 48;

interface Page {
  readonly list: readonly Line[];
  readonly cursor: string | null;
}

export function Browse() {
  const query = currentQuery.value;
  const modality = MODALITIES.find((name) => name === query.get("modality")) ?? "";
  const wordsOf = query.get("q") ?? "";
  const [picture, setPicture] = useState<File | null>(null);
  const page = useResource(async (signal): Promise<Page> => {
    const found = await lines({ modality, limit: PAGE }, signal);
    return { list: found.records, cursor: found.cursor };
  }, [modality]);
  const searching = wordsOf !== "" || picture !== null;
  return (
    <div class="stack">
      {may("submit_rems") && <Make onKnown={page.reload} />}
      <Bar
        modality={modality}
        wordsOf={wordsOf}
        picture={picture}
        list={page.value?.list ?? []}
        onPicture={(file) => {
          setPicture(file);
          setQuery({ q: null });
        }}
      />
      {searching ? (
        <FoundRecords key={`${wordsOf} ${picture?.name} ${picture?.lastModified}`} words={wordsOf} picture={picture} modality={modality} />
      ) : (
        <AllRecords page={page} modality={modality} />
      )}
    </div>
  );
}

interface BarProps {
  readonly modality: string;
  readonly wordsOf: string;
  readonly picture: File | null;
  readonly list: readonly Line[];
  readonly onPicture: (file: File | null) => void;
}

function Bar({ modality, wordsOf, picture, list, onPicture }: BarProps) {
  const said = words();
  const [text, setText] = useState(wordsOf);
  const input = useRef<HTMLInputElement>(null);
  const asList = currentQuery.value.get("view") === "list";
  const send = (event: Event) => {
    event.preventDefault();
    onPicture(null);
    setQuery({ q: text.trim() }, { replace: false });
  };
  return (
    <div class="bar">
      <form class="bar-search" role="search" onSubmit={send}>
        <Icon name="search" />
        <input
          class="input"
          type="search"
          aria-label={said.searchLabel}
          placeholder={picture ? said.likePicture(picture.name) : said.searchPlaceholder}
          maxLength={1000}
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
        <Button type="submit">{said.search}</Button>
        {may("upload_artifact") && (
          <>
            <Button icon="records" onClick={() => input.current?.click()}>
              {said.byPicture}
            </Button>
            <input
              ref={input}
              type="file"
              accept="image/*"
              hidden
              data-purpose="picture"
              onChange={(event) => {
                setText("");
                onPicture(event.currentTarget.files?.[0] ?? null);
                event.currentTarget.value = "";
              }}
            />
          </>
        )}
        {(wordsOf !== "" || picture) && (
          <Button
            tone="quiet"
            icon="cross"
            bare
            onClick={() => {
              setText("");
              onPicture(null);
            }}
          >
            {said.clearSearch}
          </Button>
        )}
      </form>
      <select class="input bar-kind" aria-label={said.modality} value={modality} onChange={(event) => setQuery({ modality: event.currentTarget.value })}>
        <option value="">{said.all}</option>
        {MODALITIES.map((name) => (
          <option key={name} value={name}>
            {said.modalities(name)}
          </option>
        ))}
      </select>
      <div class="segments" role="group" aria-label={said.view}>
        <Button icon="tiles" aria-pressed={!asList} onClick={() => setQuery({ view: null })}>
          {said.asTiles}
        </Button>
        <Button icon="rows" aria-pressed={asList} onClick={() => setQuery({ view: "list" })}>
          {said.asList}
        </Button>
      </div>
      {list.length > 0 && (
        <div class="segments" role="group" aria-label={said.exportList}>
          <Button icon="download" onClick={() => save(new Blob([linesCsv(list)], { type: "text/csv" }), "records.csv")}>
            {said.exportCsv}
          </Button>
          <Button onClick={() => save(new Blob([JSON.stringify(list, null, 2)], { type: "application/json" }), "records.json")}>{said.exportJson}</Button>
        </div>
      )}
    </div>
  );
}

function AllRecords({ page, modality }: { page: ReturnType<typeof useResource<Page>>; modality: string }) {
  const said = words();
  const asList = currentQuery.value.get("view") === "list";
  const [busy, setBusy] = useState(false);
  const [failed, fail] = useState<Error | null>(null);
  const more = async () => {
    if (!page.value?.cursor) return;
    setBusy(true);
    try {
      const next = await lines({ modality, cursor: page.value.cursor, limit: PAGE });
      page.put({ list: [...page.value.list, ...next.records], cursor: next.cursor });
      fail(null);
    } catch (error) {
      fail(error as Error);
    }
    setBusy(false);
  };
  const error = page.error ?? failed;
  if (page.value === undefined) return error ? <ErrorPanel error={error} onRetry={page.reload} /> : <TileSkeletons />;
  if (page.value.list.length === 0) {
    return (
      <div class="card">
        <Empty icon="records" title={modality ? said.noneOfKind : said.noneTitle}>
          <p>{may("submit_rems") ? said.noneText : said.noneMayText}</p>
        </Empty>
      </div>
    );
  }
  const list = page.value.list.map(listed);
  return (
    <>
      {error && <ErrorPanel error={error} onRetry={page.reload} />}
      {asList ? <List list={list} /> : <Tiles list={list} />}
      {page.value.cursor && (
        <p class="more">
          <Button busy={busy} onClick={more}>
            {actions().more}
          </Button>
        </p>
      )}
    </>
  );
}

function FoundRecords({ words: asked, picture, modality }: { words: string; picture: File | null; modality: string }) {
  const said = words();
  const asList = currentQuery.value.get("view") === "list";
  const found = useResource((signal) => search({ words: asked, picture, modality }, signal), [asked, picture?.name, modality]);
  if (found.error) return <ErrorPanel error={found.error} onRetry={found.reload} />;
  if (found.value === undefined) return <TileSkeletons />;
  const list = found.value.found.map(foundOne);
  return (
    <>
      <p class="dim" role="status">
        {said.found(number(list.length))}
      </p>
      {found.value.degraded.length > 0 && (
        <div class="degraded small">
          <Icon name="alert" />
          <div>
            {said.degraded}
            <ul>
              {found.value.degraded.map((part) => (
                <li key={part}>{part}</li>
              ))}
            </ul>
          </div>
        </div>
      )}
      {list.length === 0 ? (
        <div class="card">
          <Empty icon="search" title={said.foundNone}>
            <p>{said.foundNoneText}</p>
          </Empty>
        </div>
      ) : asList ? (
        <List list={list} />
      ) : (
        <Tiles list={list} />
      )}
    </>
  );
}

function TileSkeletons() {
  return (
    <div class="tiles" aria-busy="true">
      <span class="sr">{actions().loading}</span>
      {Array.from({ length: 8 }, (_, at) => (
        <div class="tile card" key={at} aria-hidden="true">
          <div class="thumb" />
          <Skeleton lines={3} />
        </div>
      ))}
    </div>
  );
}
