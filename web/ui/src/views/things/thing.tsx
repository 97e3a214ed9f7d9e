/** What is known of a thing, whatever it is. */

import { useState } from "preact/hooks";

import { Problem } from "../../api/problem";
import { Button } from "../../design/button";
import { CopyButton } from "../../design/copy";
import { Empty } from "../../design/empty";
import { ErrorPanel } from "../../design/error-panel";
import { Skeleton } from "../../design/skeleton";
import { number } from "../../i18n/format";
import { Link } from "../../router";
import { may } from "../../state/session";
import { useResource } from "../../state/resource";
import { around, instruction, similar } from "./calls";
import { refers, shown } from "./figures";
import { MeasuredTable } from "./measured";
import { SeverityBadge } from "./severity";
import "./things.css";
import { batchName, placeOf, titleOf } from "./titles";
import type { Instruction, Neighbourhood, Properties, Relation, Thing } from "./types";
import { words } from "./words";

/** Of the things around one, in its details. */
const NEAR = 40;
/** What the title and the place say already, and what says nothing to people. */
const LEFT_OUT = new Set(["id", "name", "title", "text", "severity_rank", "sufficient", "mnemonic", "operands", "file", "line", "digest", "sha256"]);

interface DetailsProps {
  readonly id: string;
  readonly onOpen: (id: string) => void;
  /** Whether to offer the way into the graph: not where it is the graph that shows them. */
  readonly graph?: boolean;
}

interface Known {
  readonly near: Neighbourhood;
  readonly instruction: Instruction | null;
}

async function look(id: string, signal: AbortSignal): Promise<Known> {
  const near = await around(id, { hops: 1, limit: NEAR }, signal);
  const isInstruction = near.things.some((thing) => thing.id === id && thing.label === "Instruction");
  return { near, instruction: isInstruction ? await instruction(id, signal) : null };
}

export function ThingDetails({ id, onOpen, graph = true }: DetailsProps) {
  const said = words();
  const known = useResource((signal) => look(id, signal), [id]);
  if (known.error) {
    const gone = known.error instanceof Problem && known.error.status === 404;
    return gone ? (
      <Empty icon="search" title={said.unknownThing}>
        <p>{said.gone}</p>
        <p class="mono small">{id}</p>
      </Empty>
    ) : (
      <ErrorPanel error={known.error} onRetry={known.reload} />
    );
  }
  const { near, instruction: measured } = known.value ?? {};
  const thing = near?.things.find((item) => item.id === id);
  if (near === undefined || thing === undefined) return <Skeleton lines={12} />;
  return (
    <div class="thing">
      <Head thing={measured?.instruction ?? thing} graph={graph} />
      {thing.label === "Document" && <Text near={near} />}
      {typeof thing.properties.text === "string" && <p class="thing-text">{thing.properties.text}</p>}
      <PropertyList properties={(measured?.instruction ?? thing).properties} onOpen={onOpen} />
      {measured && <Weaknesses found={measured.vulnerabilities} onOpen={onOpen} />}
      {measured && <MeasuredTable measured={measured.measured} names={new Map(near.things.map((item) => [item.id, titleOf(item)]))} />}
      {measured && may("find_similar") && <Similar key={id} id={id} onOpen={onOpen} />}
      <Connections thing={thing} near={near} onOpen={onOpen} />
    </div>
  );
}

function Head({ thing, graph }: { thing: Thing; graph: boolean }) {
  const said = words();
  const place = placeOf(thing);
  return (
    <header class="thing-head">
      <div class="row">
        <span class="badge">{said.label(thing.label)}</span>
        <SeverityBadge severity={thing.properties.severity} />
      </div>
      <h3 class={thing.label === "Instruction" ? "mono thing-title" : "thing-title"} dir="auto">
        {titleOf(thing)}
      </h3>
      {place && <p class="dim small">{place}</p>}
      <div class="row">
        {thing.label === "Campaign" && (
          <Link class="button small" to={`/campaigns/${encodeURIComponent(thing.id.replace(/^campaign:/, ""))}`}>
            {said.campaignReport}
          </Link>
        )}
        {thing.label === "Rem" && (
          <Link class="button small" to={`/records/${encodeURIComponent(thing.id)}`}>
            {said.wholeRecord}
          </Link>
        )}
        {graph && (
          <Link class="button small" to={`/graph?id=${encodeURIComponent(thing.id)}`}>
            {said.inGraph}
          </Link>
        )}
        <CopyButton text={thing.id} label={said.copyId} />
      </div>
    </header>
  );
}

/** What the passages of a document say, in their order. */
function Text({ near }: { near: Neighbourhood }) {
  const chunks = near.things.filter((thing) => thing.label === "Chunk");
  chunks.sort((one, other) => Number(one.properties.position) - Number(other.properties.position));
  if (chunks.length === 0) return null;
  return (
    <section class="thing-part" aria-label={words().text}>
      {chunks.map((chunk) => (
        <p class="thing-text" key={chunk.id}>
          {String(chunk.properties.text ?? "")}
        </p>
      ))}
    </section>
  );
}

export function PropertyList({ properties, onOpen }: { properties: Properties; onOpen: (id: string) => void }) {
  const said = words();
  // Smaller than a number can be: its logarithm says how small.
  const none = properties.tvla_p_value === 0 ? "tvla_p_value" : "";
  const rows = Object.entries(properties).filter(([name, value]) => !LEFT_OUT.has(name) && name !== none && value !== null && value !== "");
  if (rows.length === 0) return null;
  return (
    <dl class="properties">
      {rows.map(([name, value]) => (
        <div key={name}>
          <dt>{said.property(name)}</dt>
          <dd>
            {typeof value === "string" && refers(name, value) ? (
              <button type="button" class="reference mono" onClick={() => onOpen(value)} title={value}>
                {batchName(value)}
              </button>
            ) : (
              shown(name, value)
            )}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Weaknesses({ found, onOpen }: { found: readonly Thing[]; onOpen: (id: string) => void }) {
  const said = words();
  return (
    <section class="thing-part">
      <h4>{said.vulnerabilities}</h4>
      {found.length === 0 && <p class="dim small">{said.noVulnerabilities}</p>}
      <ul class="thing-list">
        {found.map((weakness) => (
          <li key={weakness.id}>
            <SeverityBadge severity={weakness.properties.severity} />
            <button type="button" class="reference" onClick={() => onOpen(weakness.id)}>
              {titleOf(weakness)}
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Asked for, not shown at once: a worker looks for them. */
function Similar({ id, onOpen }: { id: string; onOpen: (id: string) => void }) {
  const said = words();
  const [asked, ask] = useState(false);
  const found = useResource(async (signal) => (asked ? await similar(id, signal) : null), [id, asked]);
  return (
    <section class="thing-part">
      <h4>{said.similar}</h4>
      {!found.value && !found.error && (
        <Button small icon="search" busy={asked} onClick={() => ask(true)}>
          {said.findSimilar}
        </Button>
      )}
      {found.error && <ErrorPanel error={found.error} onRetry={found.reload} />}
      {found.value && (
        <>
          <p class="dim small">{found.value.similar.length > 0 ? said.similarNote : said.noneSimilar}</p>
          <ul class="thing-list">
            {found.value.similar.map((item) => (
              <li key={item.id}>
                <span class="likeness" title={said.likeness}>
                  {number(item.score, 3)}
                </span>
                <button type="button" class="reference mono" onClick={() => onOpen(item.id)}>
                  {item.title}
                </button>
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

function Connections({ thing, near, onOpen }: { thing: Thing; near: Neighbourhood; onOpen: (id: string) => void }) {
  const said = words();
  const things = new Map(near.things.map((item) => [item.id, item]));
  const found = near.relations.filter((relation) => relation.source === thing.id || relation.target === thing.id);
  const groups = grouped(found, thing.id);
  return (
    <section class="thing-part">
      <h4>{said.connected}</h4>
      {found.length === 0 && <p class="dim small">{said.alone}</p>}
      {[...groups].map(([name, relations]) => (
        <div key={name}>
          <p class="dim small">{name}</p>
          <ul class="thing-list">
            {relations.map((relation) => {
              const other = relation.source === thing.id ? relation.target : relation.source;
              const item = things.get(other);
              return (
                <li key={other}>
                  <SeverityBadge severity={item?.properties.severity ?? relation.properties.severity} />
                  <button type="button" class="reference clip" onClick={() => onOpen(other)} title={other}>
                    {item ? titleOf(item) : other}
                  </button>
                  {item && <span class="dim small clip">{placeOf(item) || said.label(item.label)}</span>}
                </li>
              );
            })}
          </ul>
        </div>
      ))}
      {near.truncated && <p class="dim small">{said.cut(number(NEAR))}</p>}
    </section>
  );
}

function heading(relation: Relation, from: string): string {
  const name = words().relation(relation.kind);
  return relation.source === from ? name : `← ${name}`;
}

function grouped(relations: readonly Relation[], from: string): Map<string, Relation[]> {
  const groups = new Map<string, Relation[]>();
  for (const relation of relations) {
    const name = heading(relation, from);
    groups.set(name, [...(groups.get(name) ?? []), relation]);
  }
  return groups;
}
