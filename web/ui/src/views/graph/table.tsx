/** The same neighbourhood for those who do not see or use the drawing. */

import { Button } from "../../design/button";
import { Table } from "../../design/table";
import { number } from "../../i18n/format";
import { SeverityBadge } from "../things/severity";
import { placeOf, titleOf } from "../things/titles";
import type { Neighbour, Severity } from "../things/types";
import { words as thingWords } from "../things/words";
import { type Shown, relationsOf } from "./shown";
import { words } from "./words";

const NAMED = 3;

interface NearTableProps {
  readonly shown: Shown;
  readonly worst: ReadonlyMap<string, Severity>;
  readonly selected: string;
  readonly onSelect: (id: string) => void;
  readonly onExpand: (id: string) => void;
}

export function NearTable({ shown, worst, selected, onSelect, onExpand }: NearTableProps) {
  const said = words();
  const things = thingWords();
  const relations = relationsOf(shown);
  const connected = (thing: Neighbour) => {
    const found = relations.get(thing.id) ?? [];
    const named = found.slice(0, NAMED).map(({ kind, source, target }) => {
      const other = shown.things.get(source === thing.id ? target : source);
      const name = other ? titleOf(other) : target;
      return source === thing.id ? `${things.relation(kind)} ${name}` : `← ${things.relation(kind)} ${name}`;
    });
    const rest = found.length - named.length;
    return [...named, ...(rest > 0 ? [said.andMore(number(rest))] : [])].join("; ");
  };
  return (
    <Table
      caption={said.tableOf}
      rows={[...shown.things.values()]}
      keyOf={(thing) => thing.id}
      columns={[
        {
          name: "thing",
          head: said.thing,
          cell: (thing) => (
            <div class="near-thing">
              <button
                type="button"
                class="reference"
                aria-current={thing.id === selected ? "true" : undefined}
                onClick={() => onSelect(thing.id)}
              >
                <span class="near-title" dir="auto">
                  {titleOf(thing)}
                </span>
              </button>
              <div class="dim small">{placeOf(thing)}</div>
            </div>
          ),
        },
        { name: "kind", head: said.kind, cell: (thing) => <span class="near-kind">{things.label(thing.label)}</span> },
        {
          name: "severity",
          head: things.property("severity"),
          cell: (thing) => (worst.has(thing.id) ? <SeverityBadge severity={worst.get(thing.id)} /> : <span class="dim">–</span>),
        },
        { name: "distance", head: said.distance, numeric: true, cell: (thing) => number(thing.distance) },
        { name: "connected", head: things.connected, cell: (thing) => <span class="near-connected dim small">{connected(thing)}</span> },
        {
          name: "expand",
          head: <span class="sr">{said.expand}</span>,
          numeric: true,
          cell: (thing) =>
            !shown.expanded.has(thing.id) && (
              <Button small icon="plus" bare onClick={() => onExpand(thing.id)}>
                {said.expandOne(titleOf(thing))}
              </Button>
            ),
        },
      ]}
    />
  );
}
