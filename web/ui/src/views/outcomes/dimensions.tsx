/** The 72 dimensions: each channel over the records, and one record with its eight channels and nine lags. */

import { useState } from "preact/hooks";

import { Button } from "../../design/button";
import { Card } from "../../design/card";
import { ErrorPanel } from "../../design/error-panel";
import { Facts } from "../../design/facts";
import { LinePlot } from "../../design/line-plot";
import { around } from "../../design/plot";
import { Skeleton } from "../../design/skeleton";
import { number, significant } from "../../i18n/format";
import { useResource } from "../../state/resource";
import { addressText } from "../campaigns/wave/code-map";
import { CHANNELS, LAGS, type Measurement, UNITS, channelOf, recordsFrom } from "./records";
import type { Capture, Recording } from "./types";
import { words } from "./words";

/** Records that are looked at together: some 600 KiB. */
const WINDOW = 1000;

export function Dimensions({ found }: { found: Recording | Capture }) {
  const said = words();
  const [first, setFirst] = useState(0);
  if (found.records === 0) return null;
  if (found.files.binary === undefined) {
    return (
      <Card title={said.dimensions}>
        <p class="dim">{said.notBinary}</p>
      </Card>
    );
  }
  const end = Math.min(found.records, first + WINDOW);
  return (
    <Card
      title={said.dimensions}
      note={said.recordsShown(number(first), number(end - 1), number(found.records))}
      flush
      actions={
        found.records > WINDOW && (
          <div class="row">
            <Button bare icon="left" disabled={first === 0} onClick={() => setFirst(Math.max(0, first - WINDOW))}>
              {said.earlier}
            </Button>
            <Button bare icon="right" disabled={end === found.records} onClick={() => setFirst(first + WINDOW)}>
              {said.later}
            </Button>
          </div>
        )
      }
    >
      <Window key={first} recording={found.recording} first={first} count={end - first} noPc={"wanted" in found ? said.notStated : said.slept} />
    </Card>
  );
}

interface WindowProps {
  readonly recording: string;
  readonly first: number;
  readonly count: number;
  /** What a record without an instruction means: a kernel does not know what runs. */
  readonly noPc: string;
}

function Window({ recording, first, count, noPc }: WindowProps) {
  const records = useResource((signal) => recordsFrom(recording, first, count, signal), [recording, first, count]);
  if (records.error) return <ErrorPanel error={records.error} onRetry={records.reload} />;
  if (records.value === undefined) return <Skeleton lines={8} />;
  return (
    <>
      <Channels records={records.value} />
      <OneRecord records={records.value} first={first} noPc={noPc} />
    </>
  );
}

function Channels({ records }: { records: readonly Measurement[] }) {
  const said = words();
  const x = around(records.map(({ period }) => period));
  if (x === null) return null;
  return (
    <div class="outcome-channels">
      {CHANNELS.map((channel, at) => {
        const points = channelOf(records, at);
        const y = around(points.map(([, value]) => value));
        const name = said.inUnit(said.channel(channel), UNITS[channel] ?? "");
        return (
          <section key={channel}>
            <h3>{name}</h3>
            {y === null ? (
              <p class="small dim">{said.noValue}</p>
            ) : (
              <LinePlot
                label={said.channelPlot(name)}
                curves={[{ name: said.channel(channel), tone: "accent", points }]}
                x={x}
                y={y}
                xName={said.periodNumber}
                xText={(value) => number(value)}
                yText={(value) => significant(value, 5)}
                legend={false}
                compact
              />
            )}
          </section>
        );
      })}
    </div>
  );
}

function OneRecord({ records, first, noPc }: { records: readonly Measurement[]; first: number; noPc: string }) {
  const said = words();
  const [at, setAt] = useState(0);
  const record = records[Math.min(at, records.length - 1)];
  if (record === undefined) return null;
  return (
    <div class="outcome-record">
      <label class="row">
        <span class="small">{said.recordNumber(number(first + at))}</span>
        <input type="range" class="grow" min={0} max={records.length - 1} value={at} aria-label={said.chooseRecord} aria-valuetext={said.recordNumber(number(first + at))} onInput={(event) => setAt(Number(event.currentTarget.value))} />
      </label>
      <Facts
        facts={[
          [said.timestamp, `${number(record.timestampNs / 1000, 3)} µs`],
          [said.periodNumber, number(record.period)],
          [said.ranMost, record.pc === null ? noPc : <span class="mono">{addressText(record.pc)}</span>],
          [said.idealEnergy, valueText(record.idealUj, "µJ")],
          [said.sensorAge, valueText(record.ageUs, "µs")],
        ]}
      />
      <div class="scroll" tabIndex={0} role="region" aria-label={said.lagTable}>
        <table class="table outcome-lags">
          <caption class="sr">{said.lagTable}</caption>
          <thead>
            <tr>
              <th scope="col">{said.channelHead}</th>
              {Array.from({ length: LAGS }, (_, lag) => (
                <th scope="col" class="num" key={lag}>
                  {said.periodsAgo(number(lag))}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {CHANNELS.map((channel, place) => (
              <tr key={channel}>
                <th scope="row">{said.inUnit(said.channel(channel), UNITS[channel] ?? "")}</th>
                {Array.from({ length: LAGS }, (_, lag) => (
                  <td class="num" key={lag}>
                    {valueText(record.dims[CHANNELS.length * lag + place] ?? NaN)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}

function valueText(value: number, unit = ""): string {
  return Number.isNaN(value) ? "–" : [significant(value, 6), unit].filter(Boolean).join(" ");
}
