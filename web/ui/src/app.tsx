/** Which view an address shows, and to whom. */

import type { FunctionComponent } from "preact";

import { ErrorPanel } from "./design/error-panel";
import { Empty } from "./design/empty";
import { Frame, type Noun } from "./frame/frame";
import { words } from "./frame/words";
import { Link, currentPath, match } from "./router";
import { Boundary, type ViewProps, lazily } from "./router/lazily";
import { session, start } from "./state/session";

interface Route {
  readonly pattern: string;
  readonly noun: Noun;
  readonly view: FunctionComponent<ViewProps>;
}

const jobs = lazily(() => import("./views/jobs"));
const campaigns = lazily(() => import("./views/campaigns"));
const records = lazily(() => import("./views/records"));

/** The first pattern that matches counts. A view with several patterns tells them apart by its `params`. */
const ROUTES: readonly Route[] = [
  { pattern: "/", noun: "jobs", view: jobs },
  { pattern: "/jobs", noun: "jobs", view: jobs },
  { pattern: "/jobs/:id", noun: "jobs", view: lazily(() => import("./views/jobs/detail")) },
  // `params.id` is "new" for a new one.
  { pattern: "/campaigns/:id", noun: "campaigns", view: campaigns },
  { pattern: "/ask", noun: "ask", view: lazily(() => import("./views/ask")) },
  { pattern: "/graph", noun: "graph", view: lazily(() => import("./views/graph")) },
  { pattern: "/records", noun: "records", view: records },
  { pattern: "/records/:id", noun: "records", view: records },
  { pattern: "/pools", noun: "pools", view: lazily(() => import("./views/pools")) },
  { pattern: "/settings", noun: "settings", view: lazily(() => import("./views/settings")) },
];

const SignIn = lazily(() => import("./views/signin"));

export function App() {
  const now = session.value;
  if (now.phase === "starting") {
    return (
      <div class="whole" aria-busy="true">
        <span class="sr">{words().starting}</span>
      </div>
    );
  }
  if (now.phase === "signed-out") return <SignIn params={{}} />;
  if (now.phase === "failed") {
    return (
      <main class="whole">
        <ErrorPanel error={now.error} onRetry={start} />
      </main>
    );
  }
  return <Routed />;
}

function Routed() {
  const path = currentPath.value;
  for (const { pattern, noun, view: View } of ROUTES) {
    const params = match(pattern, path);
    if (params !== null) {
      return (
        <Frame noun={noun}>
          {/* Another address is another view: nothing of the one before may be left in it. */}
          <Boundary key={path}>
            <View params={params} />
          </Boundary>
        </Frame>
      );
    }
  }
  const said = words();
  return (
    <Frame noun={null}>
      <div class="card">
        <Empty icon="search" title={said.unknownPage}>
          <p>{said.unknownPageText}</p>
          <Link class="button" to="/jobs">
            {said.toJobs}
          </Link>
        </Empty>
      </div>
    </Frame>
  );
}
