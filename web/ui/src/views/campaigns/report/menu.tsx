/** Take the report away, or lay another one beside it. */

import { useState } from "preact/hooks";

import type { Job } from "../../../api/types";
import { Button } from "../../../design/button";
import { may } from "../../../state/session";
import { toast } from "../../../state/toasts";
import { download, downloadTraces } from "../calls";
import { ChooseOther } from "../compare/choose";
import type { Report } from "../types";
import { words } from "../words";
import { Menu } from "./popup";

const FORMS = ["json", "html", "csv", "png"] as const;

export function ReportMenu({ job, report }: { job: Job; report: Report }) {
  const said = words();
  const [choosing, choose] = useState(false);
  const [busy, setBusy] = useState(false);
  const during = async (work: () => Promise<void>) => {
    setBusy(true);
    try {
      await work();
    } catch (error) {
      toast((error as Error).message, "bad");
    }
    setBusy(false);
  };
  return (
    <>
      {may("compare_campaigns") && <Button onClick={() => choose(true)}>{said.compare}</Button>}
      <Menu label={said.download} icon="download" busy={busy}>
        {(close) => (
          <>
            {FORMS.map((form) => (
              <button
                type="button"
                role="menuitem"
                key={form}
                onClick={() => {
                  close();
                  void during(() => download(job.id, form));
                }}
              >
                <b>{form.toUpperCase()}</b> <span class="dim">{said.form(form)}</span>
              </button>
            ))}
            {job.links.traces !== null &&
              (["traces", "inputs", "groups"] as const).map((part) => (
                <button
                  type="button"
                  role="menuitem"
                  key={part}
                  onClick={() => {
                    close();
                    void during(() => downloadTraces(job.id, part));
                  }}
                >
                  <b>NPY</b> <span class="dim">{said.tracesPart(part)}</span>
                </button>
              ))}
          </>
        )}
      </Menu>
      {choosing && <ChooseOther report={report} onClose={() => choose(false)} />}
    </>
  );
}
