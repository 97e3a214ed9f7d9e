/** A recording or a capture: how many records there are, what is missing and why, and the 72 dimensions themselves. */

import type { ComponentChildren } from "preact";

import type { Job } from "../../api/types";
import { Badge } from "../../design/badge";
import { Card } from "../../design/card";
import { CopyButton } from "../../design/copy";
import { Facts } from "../../design/facts";
import { Table } from "../../design/table";
import { duration, number, percent, significant } from "../../i18n/format";
import { pulsesOf, realTimeOf } from "./clocks";
import { Dimensions } from "./dimensions";
import { Downloads } from "./downloads";
import "./outcomes.css";
import { Warnings } from "./parts";
import type { Capture, Recording } from "./types";
import { words } from "./words";

type Fact = readonly [name: string, value: ComponentChildren];

export default function RecordingOutcome({ job }: { job: Job }) {
  if (job.result === null) return null;
  const isCapture = job.kind === "simulation.capture";
  const found = job.result as unknown as Recording | Capture;
  return (
    <div class="outcome stack">
      {isCapture ? <Captured found={found as Capture} /> : <Recorded found={found as Recording} />}
      <Dimensions found={found} />
    </div>
  );
}

function Recorded({ found }: { found: Recording }) {
  const said = words();
  const { scale, absent } = found;
  const warnings = [
    ...(found.calls_ended_by_budget > 0 ? [said.endedByBudget(number(found.calls_ended_by_budget), number(found.calls))] : []),
    ...(found.probe_overflows > 0 ? [said.probeOverflows(number(found.probe_overflows))] : []),
    ...(scale.assumed.length > 0 ? [said.assumed(scale.assumed.join(", "))] : []),
    ...Object.entries(absent).map(([channel, why]) => said.channelAbsent(said.channel(channel), why)),
  ];
  return (
    <Card title={said.recording} note={said.recordingNote(found.entry)} actions={<Complete found={found} />}>
      <Facts
        facts={[
          ...counts(found),
          [said.clock, `${significant(found.clock_hz / 1e6, 4)} MHz`],
          [said.virtualTime, duration(found.virtual_s)],
          [said.calls, number(found.calls)],
          [said.channel("cycles"), number(found.cycles)],
          [said.channel("instructions"), number(found.instructions)],
          [said.channel("l1d_misses"), number(found.l1d_misses)],
          [said.channel("branch_misses"), number(found.branch_misses)],
          [said.channel("energy"), `${significant(found.energy_uj, 4)} µJ`],
          [said.channel("noise"), `${significant(found.noise_uj, 3)} µJ`],
          [said.temperatureAtEnd, `${number(found.temperature_c, 3)} °C`],
          [said.probe, found.probe === "ideal" ? said.idealProbe : found.probe.toUpperCase()],
          [said.powerScale, said.calibrated(found.calibration)],
          digestOf(found.digest),
        ]}
      />
      <Warnings texts={warnings} />
      <Downloads found={found} />
    </Card>
  );
}

function Captured({ found }: { found: Capture }) {
  const said = words();
  const losses: Fact[] = [
    [said.lost, number(found.lost)],
    [said.missed, number(found.missed)],
    [said.gaps, number(found.gaps)],
    [said.overflows, number(found.overflows)],
    [said.restarts, number(found.restarts)],
    [said.sensorReads, said.readsAndErrors(number(found.sensor_reads), number(found.sensor_errors), number(found.sensor_overflows))],
  ];
  const times: Fact[] = [
    [said.firstAt, realTimeOf(found.clocks, found.first_ns)],
    [said.pulses, pulsesOf(found.clocks, said.pulsesGone)],
  ];
  const warnings = [
    ...(found.ended === "samples" ? [] : [said.endedEarly(said.endedBy(found.ended), number(found.records), number(found.wanted))]),
    ...(found.started ? [] : [said.ranAlready]),
    ...(found.clocks.stepped ? [said.clockMoved(number(found.clocks.changed_ns / 1e9, 9))] : []),
  ];
  return (
    <>
      <Card title={said.capture} note={found.instruction ? said.whileRunning(found.instruction) : undefined} actions={<Complete found={found} />}>
        <Facts facts={[...counts(found), ...times, ...losses, [said.cpus, Object.keys(found.cpus).join(", ") || "–"], digestOf(found.digest)]} />
        <Warnings texts={warnings} />
        <Downloads found={found} />
      </Card>
      <Card title={said.channelsThere} note={said.channelsThereNote} flush>
        <Table
          caption={said.channelsThere}
          rows={Object.entries(found.available)}
          keyOf={([channel]) => channel}
          columns={[
            { name: "channel", head: said.channelHead, cell: ([channel]) => said.channel(channel) },
            { name: "records", head: said.records, numeric: true, cell: ([, count]) => (count === 0 ? <Badge tone="warm">{said.noSource}</Badge> : number(count)) },
            { name: "share", head: said.share, numeric: true, cell: ([, count]) => percent(found.records === 0 ? 0 : count / found.records, 1) },
          ]}
        />
      </Card>
    </>
  );
}

/** Whether there is a record of each period. */
function Complete({ found }: { found: Recording | Capture }) {
  const said = words();
  const short = "wanted" in found && found.records < found.wanted;
  if (found.dropped === 0 && !short) return <Badge tone="good">{said.complete}</Badge>;
  return <Badge tone="warm">{found.dropped > 0 ? said.droppedOf(number(found.dropped)) : said.short}</Badge>;
}

function counts(found: Recording | Capture): Fact[] {
  const said = words();
  const all = found.records + found.dropped;
  return [
    [said.records, "wanted" in found && found.wanted !== found.records ? said.ofAll(number(found.records), number(found.wanted)) : number(found.records)],
    [said.dropped, `${number(found.dropped)} (${percent(all === 0 ? 0 : found.dropped / all, 2)})`],
    [said.period, `${significant(found.period_ns / 1000, 4)} µs`],
  ];
}

function digestOf(digest: string): Fact {
  return [
    words().digest,
    <span key="digest">
      <span class="mono">{digest.slice(0, 12)}…</span> <CopyButton text={digest} />
    </span>,
  ];
}
