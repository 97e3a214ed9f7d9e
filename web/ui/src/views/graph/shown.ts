/** The part of the graph that is shown: grown piece by piece, never beyond a bound. */

import { type Neighbour, type Neighbourhood, type Relation, SEVERITIES, type Severity, isSeverity } from "../things/types";

/** Things in one drawing: more are no picture any more. */
export const MOST = 300;

export interface Shown {
  readonly root: string;
  readonly things: ReadonlyMap<string, Neighbour>;
  readonly relations: ReadonlyMap<string, Relation>;
  /** Around which we have looked. */
  readonly expanded: ReadonlySet<string>;
  /** Around which there is more than is shown: the limit of a request, or ours. */
  readonly cut: ReadonlySet<string>;
  /** Things that were left out because of our bound, when it was last grown. */
  readonly left: number;
}

export function nothing(root: string): Shown {
  return { root, things: new Map(), relations: new Map(), expanded: new Set(), cut: new Set(), left: 0 };
}

/** Add what lies around a thing, as much of it as the bound allows; what is nearer comes first. */
export function grown(shown: Shown, around: string, near: Neighbourhood): Shown {
  const things = new Map(shown.things);
  const from = things.get(around)?.distance ?? 0;
  let left = 0;
  for (const thing of near.things) {
    if (things.has(thing.id)) continue;
    if (things.size >= MOST) left += 1;
    else things.set(thing.id, { ...thing, distance: from + thing.distance });
  }
  const relations = new Map(shown.relations);
  for (const relation of near.relations) {
    if (things.has(relation.source) && things.has(relation.target)) relations.set(keyOf(relation), relation);
  }
  const cut = new Set(shown.cut);
  if (near.truncated || left > 0) cut.add(around);
  return { root: shown.root, things, relations, expanded: new Set(shown.expanded).add(around), cut, left };
}

export function keyOf({ kind, source, target }: Relation): string {
  return `${source} ${kind} ${target}`;
}

/** Return the worst severity of a thing: its own, or of what it leaks by. */
export function severities(shown: Shown): Map<string, Severity> {
  const worst = new Map<string, Severity>();
  const note = (id: string, severity: unknown) => {
    if (!isSeverity(severity)) return;
    const before = worst.get(id);
    if (before === undefined || SEVERITIES.indexOf(severity) < SEVERITIES.indexOf(before)) worst.set(id, severity);
  };
  for (const thing of shown.things.values()) note(thing.id, thing.properties.severity);
  for (const { kind, source, target, properties } of shown.relations.values()) {
    if (kind === "LEAKS_INFORMATION") note(source, properties.severity ?? shown.things.get(target)?.properties.severity);
  }
  return worst;
}

/** Return the relations of each thing. */
export function relationsOf(shown: Shown): Map<string, Relation[]> {
  const found = new Map<string, Relation[]>();
  for (const relation of shown.relations.values()) {
    for (const id of new Set([relation.source, relation.target])) {
      const list = found.get(id);
      if (list) list.push(relation);
      else found.set(id, [relation]);
    }
  }
  return found;
}
