/** A new campaign: a firmware, what the page guesses from it, what it will take, and off it goes. */

import { useEffect, useMemo, useRef, useState } from "preact/hooks";

import { once, showJob } from "../../../api/jobs";
import { Problem, isAbort } from "../../../api/problem";
import type { Job, JsonObject } from "../../../api/types";
import { Empty } from "../../../design/empty";
import { ErrorPanel } from "../../../design/error-panel";
import { Card } from "../../../design/card";
import { Moment } from "../../../design/moment";
import { PageHead } from "../../../design/page-head";
import { Badge, StateBadge } from "../../../design/badge";
import { Link, currentQuery, navigate } from "../../../router";
import { may } from "../../../state/session";
import { type Resource, useResource } from "../../../state/resource";
import { allCampaigns, inspected, submitCampaign } from "../calls";
import { shortId } from "../../jobs/row";
import { VerdictPill } from "../report/verdict";
import type { Offer, Verdict } from "../types";
import { words } from "../words";
import { FirmwareCard } from "./firmware";
import { EMPTY, type Errors, type Form, errorsOf, formOf, guessed, submissionOf } from "./form";
import { AttackCard, MeasurementCard, QueueCard } from "./measurement";
import { Preview } from "./preview";
import { TargetCard } from "./target";

const NONE: Errors = new Map();
const RECENT = 6;

export function NewView() {
  const said = words();
  const [form, setForm] = useState<Form>(EMPTY);
  const [offer, setOffer] = useState<Offer | null>(null);
  const [fileName, setFileName] = useState("");
  const [inspecting, setInspecting] = useState(false);
  const [inspection, setInspection] = useState<Error | null>(null);
  const [refusal, setRefusal] = useState<Error | null>(null);
  const [estimateRefusal, setEstimateRefusal] = useState<Error | null>(null);
  const [busy, setBusy] = useState(false);
  const running = useRef<AbortController | null>(null);
  const key = useRef(once());
  const former = useResource((signal) => allCampaigns(signal), []);
  const from = currentQuery.value.get("from");
  const traces = currentQuery.value.get("traces");

  const look = async (firmware: string, name: string, filled: Form | null) => {
    running.current?.abort();
    const giveUp = new AbortController();
    running.current = giveUp;
    setInspecting(true);
    setInspection(null);
    setFileName(name);
    try {
      const found = await inspected(firmware, giveUp.signal);
      if (giveUp.signal.aborted) return;
      setOffer(found);
      setForm((now) => filled ?? guessed(now, found, name));
    } catch (error) {
      if (isAbort(error) || giveUp.signal.aborted) return;
      setInspection(error as Error);
      setOffer(null);
      // A firmware that is refused is no campaign's; the rest of the form stays as it is.
      setForm((now) => ({ ...(filled ?? now), firmware: "" }));
    }
    setInspecting(false);
  };
  useEffect(() => {
    if (from === null) return undefined;
    const giveUp = new AbortController();
    showJob(from, giveUp.signal)
      .then((job) => {
        const filled = { ...formOf((job.params ?? {}) as JsonObject), ...(traces === null ? {} : { traces }) };
        setForm(filled);
        void look(filled.firmware, filled.name, filled);
      })
      .catch((error: unknown) => {
        if (!isAbort(error)) setRefusal(error as Error);
      });
    return () => giveUp.abort();
  }, [from, traces]);
  useEffect(() => () => running.current?.abort(), []);

  const set = (changes: Partial<Form>) => {
    setForm((now) => ({ ...now, ...changes }));
    setRefusal(null);
    // Another request needs another key: the same one would give back the first job.
    key.current = once();
  };
  const submit = async () => {
    setBusy(true);
    setRefusal(null);
    try {
      const job = await submitCampaign(submissionOf(form), key.current);
      navigate(`/campaigns/${encodeURIComponent(job.id)}`);
    } catch (error) {
      setRefusal(error as Error);
      setBusy(false);
      document.querySelector("[aria-invalid=true]")?.scrollIntoView({ block: "center" });
    }
  };
  const errors = useMemo(() => {
    const error = refusal ?? estimateRefusal;
    return error === null ? NONE : errorsOf(error, form);
  }, [refusal, estimateRefusal, form]);
  const firmwares = useMemo(() => formerFirmware(former), [former.value]);
  if (!may("submit_campaign")) {
    return (
      <>
        <PageHead title={said.newCampaign} />
        <div class="card">
          <Empty icon="key" title={said.mayNotTitle}>
            <p>{said.mayNot}</p>
          </Empty>
        </div>
        <Recent former={former} />
      </>
    );
  }
  const part = { form, errors, set };
  return (
    <div class="campaign new-campaign stack">
      <PageHead title={said.newCampaign} lead={said.newLead} />
      <div class="new-columns">
        <form class="stack" onSubmit={(event) => event.preventDefault()} aria-label={said.newCampaign}>
          <FirmwareCard offer={offer} name={fileName} inspecting={inspecting} error={inspection} former={firmwares} onFirmware={(id, name) => void look(id, name, null)} />
          {refusal && (!(refusal instanceof Problem) || refusal.status !== 422 || errors.has("") || errors.has("target") || errors.size === 0) && <ErrorPanel error={refusal} />}
          {offer === null && !inspecting && inspection === null && <Steps />}
          {offer !== null && (
            <>
              <TargetCard {...part} offer={offer} />
              <MeasurementCard {...part} />
              <AttackCard {...part} />
              <QueueCard {...part} />
            </>
          )}
        </form>
        <aside class="new-side stack">
          {offer !== null && <Preview form={form} busy={busy} onSubmit={() => void submit()} onRefused={setEstimateRefusal} />}
          <Recent former={former} />
        </aside>
      </div>
    </div>
  );
}

/** What happens next, while there is nothing yet. */
function Steps() {
  const said = words();
  const steps = [
    [said.step1, said.step1Text],
    [said.step2, said.step2Text],
    [said.step3, said.step3Text],
  ] as const;
  return (
    <ol class="steps">
      {steps.map(([title, text], at) => (
        <li key={title}>
          <i aria-hidden="true">{at + 1}</i>
          <b>{title}</b>
          <p class="dim small">{text}</p>
        </li>
      ))}
    </ol>
  );
}

/** The last campaigns: to look at, or to begin from. */
function Recent({ former }: { former: Resource<readonly Job[]> }) {
  const said = words();
  const jobs = former.value?.slice(0, RECENT) ?? [];
  if (former.value !== undefined && jobs.length === 0) return null;
  return (
    <Card title={said.recent} flush>
      {former.error && <p class="campaign-quiet dim">{former.error.message}</p>}
      <ul class="choices recent">
        {former.value === undefined && !former.error && <li class="campaign-quiet dim">{said.loadingRecent}</li>}
        {jobs.map((job) => (
          <li key={job.id}>
            <Link class="choice" to={`/campaigns/${encodeURIComponent(job.id)}`}>
              <span class="grow">
                <b class="clip">{String(job.result?.name || (job.result ? said.unnamed : shortId(job.id)))}</b>
                <span class="dim small">
                  <Moment at={job.timings.submitted_at} />
                </span>
              </span>
              {job.kind === "simulation.import" && <Badge tone="accent">{said.measured}</Badge>}
              {job.result ? <VerdictPill verdict={job.result.verdict as Verdict} small /> : <StateBadge state={job.state} />}
            </Link>
          </li>
        ))}
      </ul>
    </Card>
  );
}

function formerFirmware(former: Resource<readonly Job[]>): { id: string; name: string }[] {
  const found = new Map<string, string>();
  for (const { result } of former.value ?? []) {
    if (typeof result?.firmware === "string" && !found.has(result.firmware)) found.set(result.firmware, String(result.name || result.entry || ""));
  }
  return [...found].map(([id, name]) => ({ id, name }));
}
