/** Cancel and run again, where they make sense and are allowed. */

import { useState } from "preact/hooks";

import { cancelJob, retryJob } from "../../api/jobs";
import { type Job, isFinal } from "../../api/types";
import { Button } from "../../design/button";
import { Confirm } from "../../design/dialog";
import { may } from "../../state/session";
import { toast } from "../../state/toasts";
import { words } from "./words";

interface ActionsProps {
  readonly job: Job;
  readonly bare?: boolean;
  readonly onChanged: (job: Job) => void;
  readonly onRetried: (job: Job) => void;
}

export function Actions({ job, bare = false, onChanged, onRetried }: ActionsProps) {
  const said = words();
  const [asking, ask] = useState(false);
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
  const cancel = async () => {
    const left = await cancelJob(job.id);
    onChanged(left);
    toast(left.state === "cancelled" ? said.cancelled : said.stopping);
  };
  const retry = async () => {
    const again = await retryJob(job.id);
    toast(said.retried, "good");
    onRetried(again);
  };
  const pressed = () => (job.state === "running" ? ask(true) : void during(cancel));
  return (
    <>
      {!isFinal(job.state) && !job.cancel_requested && may("cancel_job") && (
        <Button tone={bare ? "quiet" : "danger"} icon="stop" small={bare} bare={bare} busy={busy} onClick={pressed}>
          {bare ? said.cancelThis(job.id) : said.cancel}
        </Button>
      )}
      {(job.state === "failed" || job.state === "cancelled") && may("retry_job") && (
        <Button tone={bare ? "quiet" : "plain"} icon="retry" small={bare} bare={bare} busy={busy} onClick={() => during(retry)}>
          {bare ? said.retryThis(job.id) : said.retry}
        </Button>
      )}
      {asking && (
        <Confirm title={said.confirmTitle} action={said.cancel} danger onConfirm={cancel} onClose={() => ask(false)}>
          <p>{said.confirmText}</p>
        </Confirm>
      )}
    </>
  );
}
