/** What states of jobs are called. */

import { dictionary } from "./index";

export const states = dictionary(
  {
    queued: "Queued",
    running: "Running",
    stopping: "Stopping",
    succeeded: "Succeeded",
    failed: "Failed",
    cancelled: "Cancelled",
  },
  {
    queued: "En cola",
    running: "En curso",
    stopping: "Deteniéndose",
    succeeded: "Terminado",
    failed: "Fallido",
    cancelled: "Cancelado",
  },
);
