/** A text cut where something begins or ends in it, so that each piece can be marked. Places count code points. */

import type { Rem } from "./types";

export interface Piece {
  readonly text: string;
  /** How much the clause around it tells of something lived through; null outside of clauses. */
  readonly score: number | null;
  readonly phase: string | null;
  readonly anchor: boolean;
}

/** Return the first `most` characters of a record's text in pieces. */
export function pieces({ stream, anchors }: Rem, most: number): Piece[] {
  const points = [...(stream.text ?? "")].slice(0, most);
  const cuts = new Set([0, points.length]);
  for (const { start, end } of [...stream.clauses, ...stream.temporal_markers, ...anchors]) {
    if (start < points.length) cuts.add(start).add(Math.min(end, points.length));
  }
  const places = [...cuts].sort((one, other) => one - other);
  const clauses = cursor(stream.clauses);
  const markers = cursor(stream.temporal_markers);
  const words = cursor(anchors);
  return places.slice(0, -1).map((start, at) => ({
    text: points.slice(start, places[at + 1]).join(""),
    score: clauses(start)?.experiential_score ?? null,
    phase: markers(start)?.phase ?? null,
    anchor: words(start) !== undefined,
  }));
}

/** Return what finds the span that a place lies in, for places that only grow. */
function cursor<S extends { readonly start: number; readonly end: number }>(spans: readonly S[]): (place: number) => S | undefined {
  const ordered = [...spans].sort((one, other) => one.start - other.start);
  let at = 0;
  return (place) => {
    while (at < ordered.length && (ordered[at] as S).end <= place) at += 1;
    const span = ordered[at];
    return span !== undefined && span.start <= place ? span : undefined;
  };
}
