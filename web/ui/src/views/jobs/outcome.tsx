/** What a job found, where it is more than its result says: each kind's view is loaded when one is looked at. */

import type { FunctionComponent } from "preact";

import type { Job } from "../../api/types";
import { Boundary, lazily } from "../../router/lazily";

interface OutcomeProps {
  readonly job: Job;
}

const recording = lazily<OutcomeProps>(() => import("../outcomes/recording"));
const VIEWS: Readonly<Record<string, FunctionComponent<OutcomeProps>>> = {
  "simulation.profile": lazily<OutcomeProps>(() => import("../outcomes/profile")),
  "simulation.calibrate": lazily<OutcomeProps>(() => import("../outcomes/calibration")),
  "simulation.record": recording,
  "simulation.capture": recording,
};

export function Outcome({ job }: OutcomeProps) {
  const View = Object.hasOwn(VIEWS, job.kind) ? VIEWS[job.kind] : undefined;
  if (View === undefined || job.state !== "succeeded") return null;
  return (
    <Boundary>
      <View job={job} />
    </Boundary>
  );
}
