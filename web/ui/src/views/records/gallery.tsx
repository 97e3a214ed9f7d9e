/** All records, or those that a search found, as tiles or as a list. */

import { Badge } from "../../design/badge";
import { Moment } from "../../design/moment";
import { Table } from "../../design/table";
import { bytes, number, percent } from "../../i18n/format";
import { Link } from "../../router";
import { ICONS, Thumb } from "./thumb";
import type { Found, Line, Modality } from "./types";
import { words } from "./words";

/** What a tile shows, whether listed or found. */
export interface Shown {
  readonly id: string;
  readonly name: string;
  readonly modality: Modality;
  readonly headline: string;
  readonly artifact: string | null;
  readonly mediaType: string;
  readonly bytes: number;
  readonly line: Line | null;
  readonly found: Found | null;
}

export function listed(line: Line): Shown {
  const { rem_id: id, name, modality, headline, artifact, media_type: mediaType, bytes: size } = line;
  return { id, name, modality, headline, artifact, mediaType, bytes: size, line, found: null };
}

export function foundOne(found: Found): Shown {
  const { rem_id: id, name, modality, headline } = found;
  return { id, name, modality, headline, artifact: null, mediaType: "", bytes: 0, line: null, found };
}

export function Tiles({ list }: { list: readonly Shown[] }) {
  const said = words();
  return (
    <ul class="tiles">
      {list.map((item) => (
        <li key={item.id} class="tile card">
          <Link to={`/records/${encodeURIComponent(item.id)}`} class="tile-link">
            <Thumb
              remId={item.id}
              modality={item.modality}
              artifact={item.artifact}
              mediaType={item.mediaType}
              bytes={item.bytes}
              words={quoted(item.headline)}
            />
            <span class="tile-body">
              <span class="tile-name clip" dir="auto">
                {item.name}
              </span>
              <span class="tile-line dim small" dir="auto">
                {item.headline}
              </span>
              <span class="tile-foot">
                <Badge icon={ICONS[item.modality]}>{said.modalities(item.modality)}</Badge>
                {item.found ? (
                  <span class="dim small" title={said.score}>
                    {number(item.found.score, 2)} · {item.found.found_by.map((name) => said.foundBy(name)).join(", ")}
                  </span>
                ) : (
                  item.line && (
                    <span class="dim small">
                      <Moment at={item.line.created_at} />
                    </span>
                  )
                )}
              </span>
            </span>
          </Link>
        </li>
      ))}
    </ul>
  );
}

export function List({ list }: { list: readonly Shown[] }) {
  const said = words();
  const found = list.some((item) => item.found !== null);
  return (
    <div class="card">
      <Table
        caption={said.records}
        rows={list}
        keyOf={(item) => item.id}
        columns={[
          {
            name: "name",
            head: said.original,
            cell: (item) => (
              <Link to={`/records/${encodeURIComponent(item.id)}`} class="list-name">
                {item.name}
              </Link>
            ),
          },
          { name: "modality", head: said.modality, cell: (item) => <Badge icon={ICONS[item.modality]}>{said.modalities(item.modality)}</Badge> },
          {
            name: "headline",
            head: said.coarse,
            cell: (item) => (
              <span class="list-line dim" dir="auto">
                {item.headline}
              </span>
            ),
          },
          ...(found
            ? [{ name: "score", head: said.score, numeric: true, cell: (item: Shown) => (item.found ? number(item.found.score, 2) : "–") }]
            : [
                { name: "complete", head: said.completeness, numeric: true, cell: (item: Shown) => (item.line ? percent(item.line.completeness) : "–") },
                { name: "size", head: said.size, numeric: true, cell: (item: Shown) => (item.line ? bytes(item.line.bytes) : "–") },
                { name: "since", head: said.since, cell: (item: Shown) => item.line && <Moment at={item.line.created_at} /> },
              ]),
        ]}
      />
    </div>
  );
}

/** Of the line about a text, what it quotes of it. */
function quoted(headline: string): string {
  const colon = headline.indexOf(": ");
  return colon === -1 ? headline : headline.slice(colon + 2);
}
