import type { ViewProps } from "../../router/lazily";
import "./campaigns.css";
import { NewView } from "./new/new-view";
import { ReportView } from "./report/report-view";

/** `params.id` is "new" for a new campaign. */
export default function Campaigns({ params }: ViewProps) {
  const id = params.id ?? "new";
  return id === "new" ? <NewView /> : <ReportView key={id} id={id} />;
}
