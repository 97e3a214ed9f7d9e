/** Records of files: all of them, one of them, sequences of them. */

import { PageHead } from "../../design/page-head";
import { Tabs } from "../../design/tabs";
import { places } from "../../i18n/places";
import { currentQuery, setQuery } from "../../router";
import type { ViewProps } from "../../router/lazily";
import "../things/things.css";
import { Browse } from "./browse";
import "./records.css";
import { Sequences } from "./sequences";
import { Viewer } from "./viewer";
import { words } from "./words";

export default function Records({ params }: ViewProps) {
  const said = words();
  if (params.id !== undefined) return <Viewer id={params.id} />;
  return (
    <div class="records">
      <PageHead title={places().records} lead={said.lead} />
      <Tabs
        label={places().records}
        current={currentQuery.value.get("tab") ?? "records"}
        onChange={(name) => setQuery({ tab: name === "records" ? null : name, job: null })}
        tabs={[
          { name: "records", label: said.records, panel: () => <Browse /> },
          { name: "sequences", label: said.sequences, panel: () => <Sequences /> },
        ]}
      />
    </div>
  );
}
