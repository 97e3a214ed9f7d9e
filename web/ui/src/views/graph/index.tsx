/** Graph: look around what is known. */

import { Button } from "../../design/button";
import { Empty } from "../../design/empty";
import { PageHead } from "../../design/page-head";
import { Skeleton } from "../../design/skeleton";
import { places } from "../../i18n/places";
import { Link, currentQuery, setQuery } from "../../router";
import { useResource } from "../../state/resource";
import { may } from "../../state/session";
import { batches } from "../things/calls";
import { useRoom } from "../things/panel";
import "../things/things.css";
import { Explorer } from "./explorer";
import "./graph.css";
import { Search } from "./search";
import { words } from "./words";

export default function Graph() {
  const said = words();
  const root = currentQuery.value.get("id") ?? "";
  const roomy = useRoom();
  const begin = (id: string) => setQuery({ id }, { replace: false });
  const search = <Search current={root} onChoose={begin} />;
  return (
    <div class="graph">
      <PageHead title={places().graph} lead={said.lead} />
      <div class="graph-columns">
        {roomy ? (
          <section class="card graph-search" aria-label={said.search}>
            <div class="card-head">
              <h2>{said.search}</h2>
            </div>
            {search}
          </section>
        ) : (
          <details class="card graph-search" open={root === ""} key={root === "" ? "open" : "closed"}>
            <summary class="card-head">
              <h2>{said.search}</h2>
            </summary>
            {search}
          </details>
        )}
        {root === "" ? <Choose onChoose={begin} /> : <Explorer key={root} root={root} onBegin={begin} />}
      </div>
    </div>
  );
}

function Choose({ onChoose }: { onChoose: (id: string) => void }) {
  const said = words();
  const found = useResource((signal) => batches({ kind: "campaign", limit: 8 }, signal), []);
  const any = useResource((signal) => batches({ limit: 1 }, signal), []);
  const nothing = any.value?.documents.length === 0;
  return (
    <section class="card graph-choose">
      {found.value === undefined && !found.error ? (
        <Skeleton lines={6} />
      ) : nothing ? (
        <Empty icon="graph" title={said.nothingTitle}>
          <p>{said.nothingText}</p>
          <div class="row">
            {may("submit_campaign") && (
              <Link class="button primary" to="/campaigns/new">
                {said.measure}
              </Link>
            )}
            {may("submit_document") && (
              <Link class="button" to="/ask?tab=documents">
                {said.bring}
              </Link>
            )}
          </div>
        </Empty>
      ) : (
        <Empty icon="graph" title={said.chooseTitle}>
          <p>{said.chooseText}</p>
          <div class="row">
            {found.value?.documents
              .filter((batch) => batch.state === "visible")
              .map((batch) => (
                <Button key={batch.batch} icon="campaigns" onClick={() => onChoose(batch.batch)}>
                  {batch.title || batch.batch}
                </Button>
              ))}
          </div>
        </Empty>
      )}
    </section>
  );
}
