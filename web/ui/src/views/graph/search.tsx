/** Where to begin: instructions, terms, and what was brought. */

import { useEffect, useState } from "preact/hooks";

import { call, path } from "../../api/client";
import { Button } from "../../design/button";
import { ErrorPanel } from "../../design/error-panel";
import { Field } from "../../design/field";
import { Skeleton } from "../../design/skeleton";
import { actions } from "../../i18n/actions";
import { useResource } from "../../state/resource";
import { batches } from "../things/calls";
import { figure } from "../things/figures";
import { SeverityBadge } from "../things/severity";
import { batchName, placeOf, titleOf } from "../things/titles";
import { SEVERITIES, type Thing, type ThingsPage } from "../things/types";
import { words as thingWords } from "../things/words";
import { words } from "./words";

const PAGE = 40;
const PAUSE_MS = 350;
const WHAT = ["instructions", "entities", "batches"] as const;
type What = (typeof WHAT)[number];

interface Filters {
  readonly severity: string;
  readonly firmware: string;
  readonly function: string;
  readonly type: string;
}

interface Page {
  readonly things: readonly Thing[];
  readonly cursor: string | null;
}

async function look(what: What, filters: Filters, cursor: string | null, signal?: AbortSignal): Promise<Page> {
  if (what === "batches") {
    const page = await batches({ cursor, limit: PAGE }, signal);
    const known = page.documents.filter((batch) => batch.state === "visible" && batch.kind !== "measurements");
    const things = known.map((batch): Thing => ({ id: batch.batch, label: labelOf(batch.kind), properties: { name: batch.title || batchName(batch.batch), title: batch.title } }));
    return { things, cursor: page.cursor };
  }
  const { severity, firmware, function: name, type } = filters;
  const query = what === "instructions" ? { severity, firmware, function: name } : { type };
  return await call<ThingsPage>(path([what], { ...query, cursor, limit: PAGE }), { signal });
}

function labelOf(kind: string): string {
  return { campaign: "Campaign", document: "Document", rem: "Rem" }[kind] ?? kind;
}

export function Search({ current, onChoose }: { current: string; onChoose: (id: string) => void }) {
  const said = words();
  const things = thingWords();
  const [what, setWhat] = useState<What>("instructions");
  const [typed, type] = useState<Filters>({ severity: "", firmware: "", function: "", type: "" });
  const filters = useSettled(typed);
  const found = useResource<Page>((signal) => look(what, filters, null, signal), [what, filters]);
  const change = (name: keyof Filters) => (event: { currentTarget: { value: string } }) =>
    type((before) => ({ ...before, [name]: event.currentTarget.value }));
  const [failed, fail] = useState<Error | null>(null);
  const more = async () => {
    if (!found.value?.cursor) return;
    try {
      const page = await look(what, filters, found.value.cursor);
      found.put({ things: [...found.value.things, ...page.things], cursor: page.cursor });
      fail(null);
    } catch (error) {
      fail(error as Error);
    }
  };
  return (
    <div class="search">
      <div class="segments" role="group" aria-label={said.searchIn}>
        {WHAT.map((name) => (
          <Button key={name} small aria-pressed={name === what} onClick={() => setWhat(name)}>
            {said.what(name)}
          </Button>
        ))}
      </div>
      {what === "instructions" && (
        <div class="search-fields">
          <Field label={things.property("severity")}>
            {(control) => (
              <select {...control} value={typed.severity} onChange={change("severity")}>
                <option value="">{said.any}</option>
                {SEVERITIES.map((severity) => (
                  <option key={severity} value={severity}>
                    {things.severity(severity)}
                  </option>
                ))}
              </select>
            )}
          </Field>
          <Field label={things.property("function")}>
            {(control) => <input {...control} type="search" maxLength={300} spellcheck={false} autocomplete="off" value={typed.function} onInput={change("function")} />}
          </Field>
          <Field label={things.property("firmware")} hint={said.firmwareHint} class="search-wide">
            {(control) => <input {...control} type="search" maxLength={300} spellcheck={false} autocomplete="off" value={typed.firmware} onInput={change("firmware")} />}
          </Field>
        </div>
      )}
      {what === "entities" && (
        <Field label={things.property("type")} hint={said.typeHint}>
          {(control) => <input {...control} type="search" maxLength={300} spellcheck={false} autocomplete="off" value={typed.type} onInput={change("type")} />}
        </Field>
      )}
      <div class="search-found" aria-live="polite" aria-busy={found.loading}>
        {(found.error ?? failed) && <ErrorPanel error={(found.error ?? failed) as Error} onRetry={found.reload} />}
        {found.value === undefined && !found.error && <Skeleton lines={8} />}
        {found.value?.things.length === 0 && <p class="dim small search-none">{said.nothingFound}</p>}
        <ul>
          {found.value?.things.map((thing) => (
            <li key={thing.id}>
              <button type="button" class="hit" aria-current={thing.id === current ? "true" : undefined} onClick={() => onChoose(thing.id)}>
                <span class="hit-line">
                  <span class={thing.label === "Instruction" ? "mono clip grow" : "clip grow"} dir="auto">
                    {titleOf(thing)}
                  </span>
                  <SeverityBadge severity={thing.properties.severity} />
                  {typeof thing.properties.max_abs_t === "number" && <span class="dim small">|t| {figure(thing.properties.max_abs_t)}</span>}
                </span>
                <span class="dim small clip">{placeOf(thing) || things.label(thing.label)}</span>
              </button>
            </li>
          ))}
        </ul>
        {found.value?.cursor && (
          <p class="search-more">
            <Button small onClick={more}>
              {actions().more}
            </Button>
          </p>
        )}
      </div>
    </div>
  );
}

/** Return a value once it has not changed for a moment: letters that are typed are not asked for one by one. */
function useSettled<T>(value: T): T {
  const [resting, rest] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => rest(value), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return resting;
}
