/** A neighbourhood that grows: drawn or as a table, with the details of what is chosen. */

import { useEffect, useRef, useState } from "preact/hooks";

import { Problem } from "../../api/problem";
import { Button } from "../../design/button";
import { Empty } from "../../design/empty";
import { ErrorPanel } from "../../design/error-panel";
import { Icon } from "../../design/icon";
import { Skeleton } from "../../design/skeleton";
import { number } from "../../i18n/format";
import { currentQuery, setQuery } from "../../router";
import { useResource } from "../../state/resource";
import { around } from "../things/calls";
import { Legend } from "../things/severity";
import { ThingDetails } from "../things/thing";
import { words as thingWords } from "../things/words";
import { Canvas } from "./canvas";
import { KindLegend } from "./kinds";
import { useSeverities } from "./known-severities";
import { MOST, type Shown, grown, nothing } from "./shown";
import { NearTable } from "./table";
import { words } from "./words";

const HOPS = ["1", "2", "3"] as const;
const LIMITS = ["30", "60", "120", "200"] as const;
/** Things that are asked for around one that is pressed. */
const EACH = 30;

export function Explorer({ root, onBegin }: { root: string; onBegin: (id: string) => void }) {
  const said = words();
  const query = currentQuery.value;
  const hops = oneOf(HOPS, query.get("hops"), "2");
  const limit = oneOf(LIMITS, query.get("limit"), "60");
  const asTable = query.get("view") === "table";
  const start = useResource((signal) => around(root, { hops: Number(hops), limit: Number(limit) }, signal), [root, hops, limit]);
  const [shown, setShown] = useState<Shown>(nothing(root));
  const [selected, select] = useState(root);
  const [looking, look] = useState<string | null>(null);
  const [error, setError] = useState<Error | null>(null);
  const giveUp = useRef<AbortController | null>(null);
  const worst = useSeverities(shown);
  const restart = () => {
    giveUp.current?.abort();
    look(null);
    setError(null);
    select(root);
    if (start.value) setShown(grown(nothing(root), root, start.value));
  };
  useEffect(restart, [start.value, root]);
  useEffect(() => () => giveUp.current?.abort(), []);

  const expand = async (id: string) => {
    select(id);
    if (shown.expanded.has(id) || shown.things.size >= MOST) return;
    giveUp.current?.abort();
    const mine = new AbortController();
    giveUp.current = mine;
    look(id);
    setError(null);
    try {
      const near = await around(id, { hops: 1, limit: EACH }, mine.signal);
      setShown((before) => grown(before, id, near));
    } catch (reason) {
      if (!mine.signal.aborted) setError(reason as Error);
    } finally {
      if (giveUp.current === mine) look(null);
    }
  };

  if (start.error) {
    const unknown = start.error instanceof Problem && start.error.status === 404;
    return unknown ? (
      <div class="card">
        <Empty icon="search" title={said.unknown}>
          <p>{said.unknownText}</p>
          <p class="mono small">{root}</p>
        </Empty>
      </div>
    ) : (
      <ErrorPanel error={start.error} onRetry={start.reload} />
    );
  }
  const loaded = start.value !== undefined && shown.things.size > 0;
  const labels = [...new Set([...shown.things.values()].map((thing) => thing.label))].filter((label) => label !== "SecurityVulnerability");
  return (
    <>
      <section class="card explorer" aria-label={said.tableOf}>
        <div class="explorer-bar">
          <div class="segments" role="group" aria-label={said.view}>
            <Button small icon="graph" aria-pressed={!asTable} onClick={() => setQuery({ view: null })}>
              {said.asGraph}
            </Button>
            <Button small icon="rows" aria-pressed={asTable} onClick={() => setQuery({ view: "table" })}>
              {said.asTable}
            </Button>
          </div>
          <Choice label={said.hops} options={HOPS} value={hops} onChange={(value) => setQuery({ hops: value })} />
          <Choice label={said.most} options={LIMITS} value={limit} onChange={(value) => setQuery({ limit: value })} />
        </div>
        <div class="explorer-body">
          {!loaded && <Skeleton lines={9} />}
          {loaded && !asTable && <Canvas shown={shown} worst={worst} selected={selected} onSelect={expand} />}
          {loaded && asTable && <NearTable shown={shown} worst={worst} selected={selected} onSelect={select} onExpand={expand} />}
        </div>
        <div class="explorer-foot">
          {error && <ErrorPanel error={error} />}
          {shown.left > 0 && <p class="small warm">{said.full(number(MOST), number(shown.left))}</p>}
          <p class="dim small explorer-count" role="status">
            {looking !== null ? (
              <>
                <Icon name="turning" class="spin" /> {said.expanding}
              </>
            ) : (
              loaded && said.things(number(shown.things.size), number(shown.relations.size))
            )}
          </p>
          {shown.left === 0 && shown.cut.has(root) && <p class="small dim">{said.truncated(number(shown.things.size))}</p>}
          <Legend>
            <KindLegend labels={labels} />
          </Legend>
        </div>
      </section>
      <section class="card explorer-details" aria-label={thingWords().details}>
        <div class="card-head">
          <h2>{thingWords().details}</h2>
          {shown.expanded.size > 1 && (
            <Button tone="quiet" small onClick={restart}>
              {said.backToStart}
            </Button>
          )}
          {selected !== root && (
            <Button small onClick={() => onBegin(selected)}>
              {said.beginHere}
            </Button>
          )}
        </div>
        <div class="things">
          <ThingDetails id={selected} graph={false} onOpen={(id) => (shown.things.has(id) ? void expand(id) : onBegin(id))} />
        </div>
      </section>
    </>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly options: readonly string[];
  readonly value: string;
  readonly onChange: (value: string) => void;
}

function Choice({ label, options, value, onChange }: ChoiceProps) {
  return (
    <label class="choice small">
      <span class="dim">{label}</span>
      <select class="input" value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        {options.map((option) => (
          <option key={option}>{option}</option>
        ))}
      </select>
    </label>
  );
}

function oneOf<T extends string>(options: readonly T[], value: string | null, otherwise: T): T {
  return options.find((option) => option === value) ?? otherwise;
}
