/** A profiled attack: how often so many traces are enough, how many bits are left, and what each byte tells. */

import { call, path } from "../../api/client";
import type { Job } from "../../api/types";
import { Badge } from "../../design/badge";
import { Card } from "../../design/card";
import { ErrorPanel } from "../../design/error-panel";
import { Facts } from "../../design/facts";
import { Loading } from "../../design/skeleton";
import { Table } from "../../design/table";
import { number, significant } from "../../i18n/format";
import { useResource } from "../../state/resource";
import { Link } from "../../router";
import "./outcomes.css";
import { PlaceText, Warnings, estimateText, hex, orDash } from "./parts";
import { ProfileCurves } from "./profile-curves";
import type { Profile, ProfileMethod } from "./types";
import { words } from "./words";

const POINTS_SHOWN = 3;

export default function ProfileOutcome({ job }: { job: Job }) {
  const profile = useResource((signal) => call<Profile>(path(["profiles", job.id, "report"], { format: "json" }), { signal }), [job.id]);
  if (profile.error) return <ErrorPanel error={profile.error} onRetry={profile.reload} />;
  return profile.value === undefined ? <Loading /> : <Shown profile={profile.value} />;
}

function Shown({ profile }: { profile: Profile }) {
  const said = words();
  const { request, methods } = profile;
  return (
    <div class="outcome stack">
      <Card title={said.profile} note={profile.headline}>
        <Facts
          facts={[
            [said.learntFrom, <CampaignLink key="c" id={request.campaign} text={said.tracesOf(number(profile.traces_profiling))} />],
            [said.attacked, <CampaignLink key="a" id={request.attack ?? request.campaign} text={said.tracesOf(number(profile.traces_attack))} />],
            [said.samplesConsidered, said.ofAll(number(profile.samples_considered), number(profile.samples))],
            [said.keyIs, profile.same_key ? said.sameKey : profile.key_varies ? said.keyVaries : said.otherKey],
            ...methods.map((one) => [said.enough(said.methodName(one.method)), enough(one)] as const),
          ]}
        />
        <Warnings texts={profile.warnings} />
      </Card>
      <ProfileCurves methods={methods} order={request.order} />
      {methods.map((one) => (
        <Bytes key={one.method} method={one} keyBytes={profile.key_bytes} />
      ))}
      <Points profile={profile} />
    </div>
  );
}

/** How many traces are enough, as the farm counts it: from which on 90 % of the attacks have all bytes. */
function enough(one: ProfileMethod): string {
  const said = words();
  if (one.traces_to_success !== null) return number(one.traces_to_success);
  const last = one.curve.at(-1);
  return one.recovered === null || last === undefined ? said.unknown : said.moreThan(number(last.traces));
}

function CampaignLink({ id, text }: { id: string; text: string }) {
  return (
    <Link to={`/jobs/${encodeURIComponent(id)}`} title={id}>
      {text}
    </Link>
  );
}

function Bytes({ method, keyBytes }: { method: ProfileMethod; keyBytes: number }) {
  const said = words();
  const weighted = method.bytes.some((byte) => byte.bits.length > 0);
  return (
    <Card
      title={said.keyBytesBy(said.methodName(method.method))}
      note={said.bytesNote(method.model.charAt(0).toUpperCase() + method.model.slice(1))}
      flush
      actions={method.recovered !== null && <Badge tone={method.recovered > 0 ? "bad" : "good"}>{said.right(`${method.recovered}/${keyBytes}`)}</Badge>}
    >
      <Table
        caption={said.keyBytesBy(said.methodName(method.method))}
        rows={method.bytes}
        keyOf={(byte) => String(byte.index)}
        columns={[
          { name: "byte", head: said.byte, numeric: true, cell: (byte) => number(byte.index) },
          { name: "guess", head: said.bestGuess, cell: (byte) => <span class="mono">{hex(byte.best_guess)}</span> },
          { name: "true", head: said.trueValue, cell: (byte) => <span class="mono">{hex(byte.true_value)}</span> },
          { name: "rank", head: said.rank, numeric: true, cell: (byte) => (byte.rank === 0 ? <b class="outcome-hot">0</b> : orDash(byte.rank)) },
          { name: "margin", head: said.margin, numeric: true, cell: (byte) => number(byte.margin, 1) },
          { name: "information", head: said.information, numeric: true, cell: (byte) => (byte.information === null ? "–" : estimateText(byte.information, 3)) },
          ...(weighted ? [{ name: "bits", head: said.bitWeights, cell: (byte: ProfileMethod["bytes"][number]) => <span class="small">{byte.bits.map((bit) => number(bit, 2)).join("  ")}</span> }] : []),
        ]}
      />
    </Card>
  );
}

function Points({ profile }: { profile: Profile }) {
  const said = words();
  const rows = profile.points.flatMap((byte) => byte.points.slice(0, POINTS_SHOWN).map((point, at) => ({ ...point, byte, first: at === 0 })));
  return (
    <Card title={said.points} note={said.pointsNote(number(POINTS_SHOWN))} flush>
      <Table
        caption={said.points}
        rows={rows}
        keyOf={({ byte, sample }) => `${byte.index}-${sample}`}
        columns={[
          { name: "byte", head: said.byte, numeric: true, cell: ({ byte }) => number(byte.index) },
          {
            name: "significant",
            head: said.significantSamples,
            numeric: true,
            cell: ({ byte, first }) => (!first ? "" : byte.significant === 0 ? <Badge tone="warm">{said.onlyChance}</Badge> : number(byte.significant)),
          },
          { name: "sample", head: said.sample, numeric: true, cell: ({ sample }) => number(sample) },
          { name: "snr", head: "SNR", numeric: true, cell: ({ snr }) => (snr === null ? "∞" : significant(snr, 3)) },
          { name: "place", head: said.instruction, cell: ({ place }) => (place === null ? <span class="dim">{said.noFirmware}</span> : <PlaceText place={place} />) },
        ]}
      />
    </Card>
  );
}
