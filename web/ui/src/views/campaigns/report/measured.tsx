/** Where measured traces come from, and what was made of them. */

import { Badge } from "../../../design/badge";
import { Card } from "../../../design/card";
import { Facts } from "../../../design/facts";
import { bytes, number, percent } from "../../../i18n/format";
import type { MeasuredTraces } from "../types";
import { words } from "../words";

export function MeasuredCard({ measured }: { measured: MeasuredTraces }) {
  const said = words();
  const { mapped, quantised } = measured;
  const stored = quantised.lossless ? said.lossless : said.rounded(`${number(quantised.largest_step, 6)} ${measured.unit}`, percent(quantised.added_variance, 2));
  const facts: [string, string | null][] = [
    [said.file, `${measured.form}, ${bytes(measured.bytes)}`],
    [said.traces, number(measured.traces)],
    [said.left, measured.left_out > 0 ? number(measured.left_out) : null],
    [said.unit, measured.unit],
    [said.rate, measured.sampled_hz === null ? null : `${number(measured.sampled_hz)} Hz`],
    [said.groups, said.groupsAre(measured.groups)],
    [said.keyFrom, measured.key && said.keyIs(measured.key)],
    [said.values, Object.entries(measured.values).map(([name, length]) => `${name} (${bytes(length)})`).join(", ") || null],
    [said.stored, stored],
    [said.clock, mapped && number(mapped.samples_per_cycle, 3)],
    [said.instructionsBy, mapped ? said.pathOf(number(mapped.common_instructions), number(mapped.path_instructions)) : said.notMapped],
  ];
  const notes = [measured.groups_why, mapped && said.outsideOf(number(mapped.before), number(mapped.after)), mapped?.output_agrees ? said.outputAgrees : null, ...measured.notes];
  return (
    <Card title={said.measuredTraces} note={said.measuredNote} actions={<Badge tone="accent">{said.measured}</Badge>}>
      <Facts facts={facts} />
      {notes.filter(Boolean).map((note) => (
        <p class="small dim" key={String(note)}>
          {note}
        </p>
      ))}
    </Card>
  );
}
