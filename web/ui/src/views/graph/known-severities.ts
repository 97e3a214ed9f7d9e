/** Severities of instructions whose findings lie beyond what is shown: asked for by function, so that the drawing shows them. */

import { useEffect, useState } from "preact/hooks";

import { call, path } from "../../api/client";
import { SEVERITIES, type Severity, type ThingsPage } from "../things/types";
import { type Shown, severities } from "./shown";

/** Functions that are asked about at one time; of more, those with the most instructions here. */
const GROUPS = 4;
const LIMIT = 500;

/** Return the worst severity of each thing that is shown, as far as it is known by now. */
export function useSeverities(shown: Shown): ReadonlyMap<string, Severity> {
  const [asked, setAsked] = useState<ReadonlyMap<string, ReadonlyMap<string, Severity>>>(new Map());
  const groups = functionsOf(shown).filter((group) => !asked.has(group));
  const key = JSON.stringify(groups);
  useEffect(() => {
    const giveUp = new AbortController();
    for (const group of groups) {
      look(group, giveUp.signal).then(
        (found) => setAsked((before) => new Map(before).set(group, found)),
        // Only a colour would be missing; the details of each thing still tell.
        () => undefined,
      );
    }
    return () => giveUp.abort();
  }, [key]);
  const all = severities(shown);
  for (const found of asked.values()) for (const [id, severity] of found) if (!all.has(id)) all.set(id, severity);
  return all;
}

/** Return the functions with the most instructions here, each as JSON of firmware and name. */
export function functionsOf(shown: Shown): string[] {
  const counts = new Map<string, number>();
  for (const { label, properties } of shown.things.values()) {
    if (label !== "Instruction" || typeof properties.firmware !== "string" || typeof properties.function !== "string") continue;
    const group = JSON.stringify([properties.firmware, properties.function]);
    counts.set(group, (counts.get(group) ?? 0) + 1);
  }
  return [...counts].sort((one, other) => other[1] - one[1]).slice(0, GROUPS).map(([group]) => group);
}

async function look(group: string, signal: AbortSignal): Promise<Map<string, Severity>> {
  const [firmware, name] = JSON.parse(group) as [string, string];
  const pages = await Promise.all(
    SEVERITIES.map((severity) => call<ThingsPage>(path(["instructions"], { firmware, function: name, severity, limit: LIMIT }), { signal })),
  );
  const found = new Map<string, Severity>();
  for (const [at, page] of pages.entries()) {
    for (const thing of page.things) if (!found.has(thing.id)) found.set(thing.id, SEVERITIES[at] as Severity);
  }
  return found;
}
