/** Sentences of answers that list things, taken apart so that they can be read. */

export interface Line {
  readonly lead: string;
  /** Empty: the sentence lists nothing. */
  readonly items: readonly string[];
}

const FEWEST = 3;

/** Part `Found 16 instructions: a; b; c` at its colon and semicolons; nothing is lost but these. */
export function lineOf(text: string): Line {
  const first = text.indexOf("; ");
  const colon = first === -1 ? -1 : text.lastIndexOf(": ", first);
  const items = colon === -1 ? [] : text.slice(colon + 2).split("; ");
  if (items.length < FEWEST) return { lead: text, items: [] };
  return { lead: text.slice(0, colon + 1), items };
}
