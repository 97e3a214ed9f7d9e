/** Which campaign to compare with: those of the same entry first. */

import type { Job } from "../../../api/types";
import { Badge } from "../../../design/badge";
import { Dialog } from "../../../design/dialog";
import { Empty } from "../../../design/empty";
import { ErrorPanel } from "../../../design/error-panel";
import { Moment } from "../../../design/moment";
import { Skeleton } from "../../../design/skeleton";
import { number } from "../../../i18n/format";
import { setQuery } from "../../../router";
import { useResource } from "../../../state/resource";
import { campaigns } from "../calls";
import { VerdictPill } from "../report/verdict";
import type { Report, Verdict } from "../types";
import { words } from "../words";

export function ChooseOther({ report, onClose }: { report: Report; onClose: () => void }) {
  const said = words();
  const isMeasured = report.measured != null;
  const entry = report.request.target?.entry ?? null;
  const found = useResource((signal) => campaigns(signal, isMeasured ? "simulation.import" : "campaign"), [isMeasured]);
  // Where no entry is known samples are compared by their number.
  const alike = ({ result }: Job) => result?.entry === entry && (entry !== null || result.samples === report.alignment.samples);
  const others = (found.value?.jobs ?? []).filter((job) => job.state === "succeeded" && job.id !== report.campaign && alike(job));
  return (
    <Dialog title={said.compareWith} onClose={onClose}>
      <p class="dim">{isMeasured ? said.compareMeasured : said.compareHint(entry ?? "")}</p>
      {found.error && <ErrorPanel error={found.error} onRetry={found.reload} />}
      {found.value === undefined && !found.error && <Skeleton lines={5} />}
      {found.value && others.length === 0 && (
        <Empty icon="campaigns" title={said.noOthers}>
          <p>{isMeasured ? said.noOthersMeasured : said.noOthersText}</p>
        </Empty>
      )}
      <ul class="choices">
        {others.map((job) => (
          <li key={job.id}>
            <button
              type="button"
              class="choice"
              onClick={() => {
                setQuery({ with: job.id });
                onClose();
              }}
            >
              <span class="grow">
                <b class="clip">{String(job.result?.name || (isMeasured ? said.measuredTraces : said.unnamed))}</b>
                <span class="dim small">
                  <Moment at={job.timings.submitted_at} /> · {number(Number(job.result?.traces ?? 0))} {said.tracesWord}
                </span>
              </span>
              {isMeasured && <Badge tone="accent">{said.measured}</Badge>}
              <VerdictPill verdict={job.result?.verdict as Verdict} small />
            </button>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
