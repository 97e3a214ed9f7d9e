/** Records as files for other programs. */

import type { Derivation, Line, Rem } from "./types";

const FORMULA = /^[=+\-@\t\r\n]/;
const NUMBER = /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i;

/** Return lines of a table as RFC 4180 has them; text that a spreadsheet would take for a formula gets an apostrophe. */
export function csv(rows: readonly (readonly unknown[])[]): string {
  return rows.map((row) => row.map(cell).join(",")).join("\r\n") + "\r\n";
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return "";
  const text = typeof value === "object" ? JSON.stringify(value) : String(value);
  const plain = typeof value !== "number" && FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}

const COLUMNS = ["rem_id", "name", "modality", "level", "media_type", "bytes", "created_at", "language", "completeness", "headline"] as const;

export function linesCsv(lines: readonly Line[]): string {
  return csv([COLUMNS, ...lines.map((line) => COLUMNS.map((column) => line[column]))]);
}

/** Return one row a field: its value, how it was found, or why it is not known. */
export function recordCsv(rem: Rem): string {
  const rows = Object.entries(rem.fields).map(([field, { method, model, confidence, reason }]: [string, Derivation]) => [
    field,
    valueAt(rem, field),
    method,
    model,
    confidence,
    reason,
  ]);
  return csv([["field", "value", "method", "model", "confidence", "reason"], ...rows]);
}

/** Return what stands at a path such as `qualia.image.brightness`; undefined where there is nothing. */
export function valueAt(rem: Rem, field: string): unknown {
  let found: unknown = rem;
  for (const part of field.split(".")) {
    if (typeof found !== "object" || found === null || !Object.hasOwn(found, part)) return undefined;
    found = (found as Record<string, unknown>)[part];
  }
  return found;
}
