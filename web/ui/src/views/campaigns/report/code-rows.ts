/** The rows of the listing: instructions under their function, or source lines; of all samples or of the chosen ones. */

import type { Listed, Report, Row, Severity } from "../types";
import type { Frame } from "../wave/curves";
import type { Heat, Span } from "../wave/state";
import { SEVERITIES } from "./severities";
import { instructionText } from "../wave/code-map";

export type Order = "place" | "t1" | "rho" | "count";

export interface Stat {
  readonly samples: number;
  /** Infinity where it is infinite; null: not computed. */
  readonly t1: number | null;
  readonly rho: number | null;
}

export interface Line {
  readonly key: string;
  readonly addresses: readonly number[];
  readonly row: Row;
  readonly stat: Stat;
  readonly severity: Severity | null;
}

export type Item = { readonly kind: "function"; readonly key: string; readonly name: string | null; readonly count: number } | { readonly kind: "line"; readonly line: Line };

export function statOf(row: Row): Stat {
  return { samples: row.executions, t1: row.deterministic && row.max_abs_t1 === null ? Infinity : row.max_abs_t1, rho: row.max_abs_rho };
}

/** Return what the samples [from, to) of a frame of single samples show, by instruction. */
export function statsWithin(frame: Frame, { from, to }: Span): Map<number, Stat> {
  const found = new Map<number, { samples: number; t1: number | null; rho: number | null }>();
  const { t1, rho } = frame.curves;
  for (let at = Math.max(0, from); at < Math.min(to, frame.pcs.length); at += 1) {
    const pc = frame.pcs[at] ?? 0;
    const stat = found.get(pc) ?? { samples: 0, t1: t1 ? 0 : null, rho: rho ? 0 : null };
    stat.samples += 1;
    if (t1) stat.t1 = Math.max(stat.t1 ?? 0, Math.abs(t1.low[at] ?? 0), Math.abs(t1.high[at] ?? 0));
    if (rho) stat.rho = Math.max(stat.rho ?? 0, Math.abs(rho.high[at] ?? 0));
    found.set(pc, stat);
  }
  return found;
}

export function statsOfListing(instructions: readonly Listed[], hasTvla: boolean): Map<number, Stat> {
  return new Map(instructions.map((row) => [row.address, { samples: row.samples, t1: row.max_abs_t1 ?? (hasTvla ? Infinity : null), rho: row.max_abs_rho }]));
}

export function severities(report: Report): Map<number, Severity> {
  const found = new Map<number, Severity>();
  for (const { place, severity } of report.findings) {
    const before = found.get(place.address);
    if (before === undefined || SEVERITIES.indexOf(severity) < SEVERITIES.indexOf(before)) found.set(place.address, severity);
  }
  return found;
}

interface Wanted {
  readonly search: string;
  readonly order: Order;
  readonly bySource: boolean;
  /** Of the chosen samples; null: all. */
  readonly stats: ReadonlyMap<number, Stat> | null;
}

export function itemsOf(report: Report, marks: ReadonlyMap<number, Severity>, { search, order, bySource, stats }: Wanted): Item[] {
  const terms = search.toLowerCase().split(/\s+/).filter(Boolean);
  const lines: Line[] = [];
  for (const row of report.rows) {
    const { place } = row;
    const stat = stats === null ? statOf(row) : stats.get(place.address);
    if (stat === undefined) continue;
    if (terms.length > 0) {
      const text = `0x${place.address.toString(16).padStart(8, "0")} ${instructionText(place)} ${place.function ?? ""} ${place.file ?? ""}:${place.line ?? ""}`.toLowerCase();
      if (!terms.every((term) => text.includes(term))) continue;
    }
    lines.push({ key: String(place.address), addresses: [place.address], row, stat, severity: marks.get(place.address) ?? null });
  }
  const shown = bySource ? joined(lines) : lines;
  if (order !== "place") {
    const value = ({ stat }: Line) => (order === "count" ? stat.samples : (stat[order] ?? -1));
    return shown
      .slice()
      .sort((a, b) => value(b) - value(a) || 0)
      .map((line) => ({ kind: "line", line }));
  }
  return headed(shown);
}

/** Put a heading above each function's lines. */
function headed(lines: readonly Line[]): Item[] {
  const items: Item[] = [];
  let begun: { name: string | null; at: number } | null = null;
  for (const line of lines) {
    const name = line.row.place.function;
    if (begun === null || begun.name !== name) {
      begun = { name, at: items.length };
      items.push({ kind: "function", key: `f${line.key}`, name, count: 0 });
    }
    items.push({ kind: "line", line });
    items[begun.at] = { kind: "function", key: `f${begun.at}-${name ?? ""}`, name, count: (items[begun.at] as { count: number }).count + 1 };
  }
  return items;
}

/** Join the instructions of each source line of a function. */
function joined(lines: readonly Line[]): Line[] {
  const found = new Map<string, Line>();
  for (const line of lines) {
    const { place } = line.row;
    const key = place.file === null ? `a${place.address}` : `${place.function ?? ""} ${place.file}:${place.line ?? ""}`;
    const before = found.get(key);
    found.set(key, before === undefined ? { ...line, key } : merged(before, line));
  }
  return [...found.values()].sort((a, b) => {
    const [left, right] = [a.row.place, b.row.place];
    return (left.function ?? "").localeCompare(right.function ?? "") || (left.file ?? "").localeCompare(right.file ?? "") || (left.line ?? 0) - (right.line ?? 0);
  });
}

function merged(one: Line, other: Line): Line {
  const most = (a: number | null, b: number | null) => (a === null ? b : b === null ? a : Math.max(a, b));
  const worse = [one.severity, other.severity].filter((severity): severity is Severity => severity !== null);
  return {
    ...one,
    addresses: [...one.addresses, ...other.addresses],
    stat: { samples: one.stat.samples + other.stat.samples, t1: most(one.stat.t1, other.stat.t1), rho: most(one.stat.rho, other.stat.rho) },
    severity: worse.sort((a, b) => SEVERITIES.indexOf(a) - SEVERITIES.indexOf(b))[0] ?? null,
  };
}

/** How strongly a value is coloured, 0 to 1; declared-public code is not. */
export function heatOf({ row, stat }: Line, heat: Heat, limit: number): number {
  const value = stat[heat];
  if (row.public !== null || value === null || value <= limit) return 0;
  if (heat === "rho") return Math.min(1, value);
  return Number.isFinite(value) ? Math.min(1, 0.15 + 0.85 * (Math.log(value / limit) / Math.log(50))) : 1;
}
