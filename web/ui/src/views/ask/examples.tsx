/** What may be asked of what is known now, and what to do while nothing is. */

import { call, path } from "../../api/client";
import { Button } from "../../design/button";
import { Empty } from "../../design/empty";
import { ErrorPanel } from "../../design/error-panel";
import { Skeleton } from "../../design/skeleton";
import { Link } from "../../router";
import { useResource } from "../../state/resource";
import { may } from "../../state/session";
import { batches } from "../things/calls";
import { address } from "../things/titles";
import type { Batch, Thing, ThingsPage } from "../things/types";
import { words } from "./words";

const MOST = 6;

export interface Known {
  readonly nothing: boolean;
  readonly campaigns: readonly Batch[];
  readonly leaking: readonly Thing[];
  readonly measured: Thing | null;
  readonly entities: readonly Thing[];
}

export async function known(signal?: AbortSignal): Promise<Known> {
  const [all, campaigns, leaking, some, entities] = await Promise.all([
    batches({ limit: 1 }, signal),
    batches({ kind: "campaign", limit: 20 }, signal),
    call<ThingsPage>(path(["instructions"], { severity: "critical", limit: 40 }), { signal }),
    call<ThingsPage>(path(["instructions"], { limit: 40 }), { signal }),
    call<ThingsPage>(path(["entities"], { limit: 60 }), { signal }),
  ]);
  return {
    nothing: all.documents.length === 0 && entities.things.length === 0,
    campaigns: campaigns.documents.filter((batch) => batch.state === "visible" && batch.title !== ""),
    leaking: leaking.things,
    measured: [...leaking.things, ...some.things].find((thing) => typeof thing.properties.avg_energy === "number") ?? null,
    entities: entities.things,
  };
}

/** Return questions that the farm can answer, the most telling first. */
export function questions(found: Known): string[] {
  const said = words();
  const asked: string[] = [];
  const names = found.campaigns.map((batch) => batch.title);
  const leaking = found.campaigns.find((batch) => found.leaking.some((thing) => isOf(thing, batch))) ?? found.campaigns[0];
  if (leaking) asked.push(said.leakQuestion(leaking.title));
  const pair = patched(names);
  if (pair) asked.push(said.helpQuestion(...pair));
  const names2 = [...new Set(found.leaking.map((thing) => text(thing, "function")).filter(Boolean))];
  const leaky = names2[0];
  if (leaky) asked.push(said.whyQuestion(leaky));
  if (found.measured && leaking) asked.push(said.energyQuestion(address(found.measured.properties.address), leaking.title));
  const shown = found.entities.find((thing) => thing.properties.type === "depicted");
  if (shown) asked.push(said.showQuestion(text(shown, "name")));
  const term = found.entities.find((thing) => thing.properties.type !== "depicted");
  if (term) asked.push(said.saidQuestion(text(term, "name")));
  return asked.slice(0, MOST);
}

/** Return two builds of one firmware, in their order: `aes128 build 7` and `aes128 build 8`. */
export function patched(names: readonly string[]): [string, string] | null {
  const parsed = names.flatMap((name) => {
    const parts = /^(.*?)(\d+)$/.exec(name);
    return parts ? [{ name, family: parts[1] ?? "", number: Number(parts[2]) }] : [];
  });
  parsed.sort((one, other) => one.number - other.number);
  for (const [at, one] of parsed.entries()) {
    const other = parsed.slice(at + 1).find((item) => item.family === one.family && item.number > one.number);
    if (other) return [one.name, other.name];
  }
  return null;
}

interface ExamplesProps {
  readonly onAsk: (question: string) => void;
  readonly onDocuments: () => void;
}

export function Examples({ onAsk, onDocuments }: ExamplesProps) {
  const said = words();
  const found = useResource(known, []);
  if (found.error) return <ErrorPanel error={found.error} onRetry={found.reload} />;
  if (found.value === undefined) return <Skeleton lines={7} />;
  if (found.value.nothing) {
    return (
      <Empty icon="ask" title={said.nothingTitle}>
        <p>{said.nothingText}</p>
        <div class="row">
          {may("submit_document") && (
            <Button tone="primary" icon="document" onClick={onDocuments}>
              {said.toDocuments}
            </Button>
          )}
          {may("submit_campaign") && (
            <Link class="button" to="/campaigns/new">
              {said.toCampaign}
            </Link>
          )}
          {may("submit_rems") && (
            <Link class="button" to="/records">
              {said.toRecords}
            </Link>
          )}
        </div>
      </Empty>
    );
  }
  return (
    <div class="examples">
      <h2>{said.emptyTitle}</h2>
      <p class="dim">{said.emptyText}</p>
      <ul>
        {questions(found.value).map((question) => (
          <li key={question}>
            <button type="button" class="example" onClick={() => onAsk(question)}>
              {question}
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}

function isOf(thing: Thing, campaign: Batch): boolean {
  const source = campaign.details.source;
  const firmware = typeof source === "object" && source !== null && "firmware" in source ? String(source.firmware) : "";
  return firmware !== "" && thing.properties.firmware === `firmware:${firmware}`;
}

function text(thing: Thing, name: string): string {
  return String(thing.properties[name] ?? "");
}
