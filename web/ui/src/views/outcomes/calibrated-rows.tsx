/** Each instruction of a calibration: what was measured of it beside what the model simulates, and whether they agree. */

import { useState } from "preact/hooks";

import { Badge } from "../../design/badge";
import { Button } from "../../design/button";
import { Card } from "../../design/card";
import { Table } from "../../design/table";
import { number, significant } from "../../i18n/format";
import { PlaceText, orDash } from "./parts";
import type { CalibratedRow, Calibration } from "./types";
import { words } from "./words";

const STEP = 40;
type Choice = "all" | "agree" | "differ" | "untold";

/** Those that differ most come first; then by how far apart their correlations are. */
export function chosenRows(rows: readonly CalibratedRow[], choice: Choice): CalibratedRow[] {
  const wanted = { all: () => true, agree: (row: CalibratedRow) => row.agrees === true, differ: (row: CalibratedRow) => row.agrees === false, untold: (row: CalibratedRow) => row.agrees === null };
  const order = (row: CalibratedRow) => (row.agrees === false ? 0 : row.agrees === null ? 1 : 2);
  return rows.filter(wanted[choice]).sort((a, b) => order(a) - order(b) || (b.rho_difference ?? 0) - (a.rho_difference ?? 0));
}

export function CalibratedRows({ found }: { found: Calibration }) {
  const said = words();
  const [choice, setChoice] = useState<Choice>("all");
  const [shown, setShown] = useState(STEP);
  const { agree, differ, not_told } = found.verdict;
  const counts: readonly (readonly [Choice, number])[] = [["all", found.rows.length], ["agree", agree], ["differ", differ], ["untold", not_told]];
  const rows = chosenRows(found.rows, choice);
  return (
    <Card title={said.byInstruction} note={said.byInstructionNote} flush>
      <div class="outcome-filter row" role="group" aria-label={said.byAgreement}>
        {counts.map(([name, count]) => (
          <button
            type="button"
            class="outcome-chip"
            key={name}
            aria-pressed={choice === name}
            onClick={() => {
              setChoice(name);
              setShown(STEP);
            }}
          >
            {said.agreementOf(name)} {number(count)}
          </button>
        ))}
      </div>
      <Table
        caption={said.byInstruction}
        rows={rows.slice(0, shown)}
        keyOf={(row) => String(row.place.address)}
        columns={[
          { name: "place", head: said.instruction, cell: (row) => <PlaceText place={row.place} /> },
          { name: "verdict", head: said.verdict, cell: (row) => <Agreement of={row.agrees} /> },
          { name: "r2", head: said.heldOutR2, numeric: true, cell: (row) => orDash(row.r2, 3) },
          { name: "rho", head: said.rhoBoth, numeric: true, cell: (row) => both(row.rho_measured, row.rho_simulated, (value) => number(value, 3)) },
          { name: "rhoDifference", head: said.difference, numeric: true, cell: (row) => orDash(row.rho_difference, 3) },
          { name: "p", head: said.pBoth, numeric: true, cell: (row) => both(row.p_measured, row.p_simulated, (value) => significant(value)) },
          { name: "pDifference", head: said.difference, numeric: true, cell: (row) => orDash(row.p_difference, 3) },
        ]}
      />
      {rows.length > shown && (
        <div class="outcome-more">
          <Button tone="quiet" small icon="down" onClick={() => setShown(shown + 5 * STEP)}>
            {said.more(number(rows.length - shown))}
          </Button>
        </div>
      )}
    </Card>
  );
}

function Agreement({ of }: { of: boolean | null }) {
  const said = words();
  if (of === null) return <Badge tone="warm">{said.agreementOf("untold")}</Badge>;
  return of ? (
    <Badge tone="good" icon="check">
      {said.agreementOf("agree")}
    </Badge>
  ) : (
    <Badge tone="bad" icon="cross">
      {said.agreementOf("differ")}
    </Badge>
  );
}

function both(measured: number | null, simulated: number | null, text: (value: number) => string): string {
  return measured === null || simulated === null ? "–" : `${text(measured)} / ${text(simulated)}`;
}
