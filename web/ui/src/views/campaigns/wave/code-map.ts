/** Which instruction, function and source line an address is, in numbers that canvases draw quickly. */

import type { LivePath, Place, Report, Row } from "../types";

export interface Code {
  readonly functions: readonly string[];
  /** Function of an address; -1 for none. */
  readonly functionOf: (pc: number) => number;
  /** File and line as a number, -1 for none. */
  readonly lineOf: (pc: number) => number;
  /** Number of an address's instruction, -1 for one that is not known. */
  readonly instructionOf: (pc: number) => number;
  readonly placeOf: (pc: number) => Place | null;
  readonly isPublic: (pc: number) => boolean;
  readonly rowOf: (pc: number) => Row | null;
  readonly hasLines: boolean;
}

/** `unknown` stands for the function of what has none. */
export function codeOfReport(report: Report, unknown: string | null = null): Code {
  const rows = new Map<number, Row>(report.rows.map((row) => [row.place.address, row]));
  const numbers = new Map<number, number>(report.rows.map((row, at) => [row.place.address, at]));
  const functions: string[] = [];
  const byName = new Map<string, number>();
  const lines = new Map<string, number>();
  const functionAt = new Map<number, number>();
  const lineAt = new Map<number, number>();
  for (const { place } of report.rows) {
    const name = place.function ?? unknown;
    if (name !== null) {
      if (!byName.has(name)) byName.set(name, functions.push(name) - 1);
      functionAt.set(place.address, byName.get(name) ?? -1);
    }
    if (place.file !== null && place.line !== null) {
      const name = `${place.file}:${place.line}`;
      if (!lines.has(name)) lines.set(name, lines.size);
      lineAt.set(place.address, lines.get(name) ?? -1);
    }
  }
  return {
    functions,
    functionOf: (pc) => functionAt.get(pc) ?? -1,
    lineOf: (pc) => lineAt.get(pc) ?? -1,
    instructionOf: (pc) => numbers.get(pc) ?? -1,
    placeOf: (pc) => rows.get(pc)?.place ?? null,
    isPublic: (pc) => (rows.get(pc)?.public ?? null) !== null,
    rowOf: (pc) => rows.get(pc) ?? null,
    hasLines: lines.size > 0,
  };
}

export function codeOfPath(path: LivePath): Code {
  const functionAt = new Map<number, number>(path.pcs.map((pc, at) => [pc, path.function[at] ?? -1]));
  return {
    functions: path.functions,
    functionOf: (pc) => functionAt.get(pc) ?? -1,
    lineOf: () => -1,
    instructionOf: () => -1,
    placeOf: () => null,
    isPublic: () => false,
    rowOf: () => null,
    hasLines: false,
  };
}

export function instructionText(place: Place): string {
  return place.operands === "" ? place.mnemonic : `${place.mnemonic} ${place.operands}`;
}

/** Where a place is: its address; of samples that belong to no instruction, which they are. */
export function spotText(place: Place): string {
  return place.mnemonic === "samples" ? instructionText(place) : addressText(place.address);
}

/** A place with its instruction. */
export function placeText(place: Place): string {
  return place.mnemonic === "samples" ? instructionText(place) : `${addressText(place.address)} ${instructionText(place)}`;
}

export function addressText(address: number): string {
  return `0x${address.toString(16).padStart(8, "0")}`;
}

/** The last part of a path: what has room. */
export function fileName(file: string): string {
  return file.slice(file.lastIndexOf("/") + 1);
}

export function lineText(place: Place): string {
  return place.file === null || place.line === null ? "" : `${fileName(place.file)}:${place.line}`;
}
