import { useState } from "preact/hooks";

import { Problem } from "../../api/problem";
import { Button } from "../../design/button";
import { ErrorPanel } from "../../design/error-panel";
import { Field } from "../../design/field";
import { session, signIn } from "../../state/session";
import "./signin.css";
import { words } from "./words";

export default function SignIn() {
  const said = words();
  const [key, setKey] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<Error | null>(null);
  const expired = session.value.phase === "signed-out" && session.value.expired;
  const wrong = error instanceof Problem && error.status === 401;
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    setError(null);
    try {
      await signIn(key.trim());
    } catch (reason) {
      setError(reason as Error);
      setBusy(false);
    }
  };
  return (
    <main class="whole">
      <form class="signin card" onSubmit={submit}>
        <svg class="icon signin-mark" viewBox="0 0 32 20" aria-hidden="true">
          <path d="M1 10h6l3-7 5 14 4-10 3 6 2-3h7" />
        </svg>
        <h1>{said.title}</h1>
        <p class="dim">{expired ? said.expired : said.lead}</p>
        <Field label={said.key} hint={said.hint} error={wrong ? said.wrong : null}>
          {(control) => (
            <input
              {...control}
              type="password"
              name="key"
              autocomplete="current-password"
              autocapitalize="off"
              spellcheck={false}
              placeholder="dsn_"
              required
              autofocus
              value={key}
              onInput={(event) => setKey(event.currentTarget.value)}
            />
          )}
        </Field>
        {error && !wrong && <ErrorPanel error={error} />}
        <Button type="submit" tone="primary" busy={busy}>
          {said.signIn}
        </Button>
      </form>
    </main>
  );
}
