/** How long executions take with the fixed secret and with random ones, for each value of the public inputs. */

import { number, probability } from "../../../i18n/format";
import { Table } from "../../../design/table";
import type { CycleTest } from "../types-parts";
import { words } from "../words";
import { PlaceButton, type Show, whereText } from "./place";

export function CyclesTable({ tests, onShow }: { tests: readonly CycleTest[]; onShow: Show }) {
  const said = words();
  return (
    <div class="part">
      <h3 class="part-title">{said.cycles}</h3>
      <Table
        caption={said.cycles}
        rows={tests}
        keyOf={(one) => `${one.value}-${one.cached}`}
        columns={[
          { name: "value", head: said.publicValue, cell: (one) => (one.cached ? `${number(one.value)} · ${said.withMisses}` : number(one.value)) },
          { name: "fixed", head: said.meanFixed, numeric: true, cell: (one) => number(one.mean_fixed, 1) },
          { name: "random", head: said.meanRandom, numeric: true, cell: (one) => number(one.mean_random, 1) },
          { name: "range", head: said.fewestMost, numeric: true, cell: (one) => `${number(one.fewest)} – ${number(one.most)}` },
          { name: "t", head: "t", numeric: true, cell: (one) => (one.t === null ? "∞" : number(one.t, 2)) },
          { name: "p", head: "p", numeric: true, cell: (one) => (one.p_log10 === null ? "–" : probability(one.p_log10)) },
          { name: "differs", head: said.differs, cell: (one) => (one.differs ? <b class="rank-0">{said.yes}</b> : said.no) },
          { name: "place", head: said.beginsAt, cell: (one) => <Begin one={one} onShow={onShow} /> },
        ]}
      />
    </div>
  );
}

function Begin({ one, onShow }: { one: CycleTest; onShow: Show }) {
  if (one.place === null) return <span class="dim">–</span>;
  return (
    <>
      <PlaceButton place={one.place} onShow={onShow} /> <span class="small dim">{whereText(one.place)}</span>
      {one.public !== null && <div class="small dim">{words().public(one.public)}</div>}
    </>
  );
}
