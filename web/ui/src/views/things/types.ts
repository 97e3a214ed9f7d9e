/** What the API says of knowledge, as far as Ask, Graph and Records read it. */

import type { Json, JsonObject } from "../../api/types";

export type Value = string | number | boolean | null;
export type Properties = Readonly<Record<string, Value>>;

export interface Thing {
  readonly id: string;
  /** Instruction, Function, Campaign ... */
  readonly label: string;
  readonly properties: Properties;
}

export interface Neighbour extends Thing {
  readonly distance: number;
}

export interface Relation {
  readonly kind: string;
  readonly source: string;
  readonly target: string;
  readonly properties: Properties;
}

export interface Neighbourhood {
  readonly things: readonly Neighbour[];
  readonly relations: readonly Relation[];
  readonly truncated: boolean;
}

export interface ThingsPage {
  readonly things: readonly Thing[];
  readonly cursor: string | null;
}

export interface Measured {
  readonly batch: string;
  readonly figures: Readonly<Record<string, Json>>;
}

export interface Instruction {
  readonly instruction: Thing;
  readonly vulnerabilities: readonly Thing[];
  readonly measured: readonly Measured[];
}

export interface SimilarAnswer {
  readonly similar: readonly { readonly id: string; readonly score: number; readonly title: string }[];
}

export interface Batch {
  readonly batch: string;
  readonly kind: string;
  readonly title: string;
  readonly state: string;
  /** Seconds since the epoch. */
  readonly created_at: number | null;
  readonly details: JsonObject;
}

export interface BatchesPage {
  readonly documents: readonly Batch[];
  readonly cursor: string | null;
}

export const SEVERITIES = ["critical", "high", "medium", "low"] as const;
export type Severity = (typeof SEVERITIES)[number];

export function isSeverity(value: unknown): value is Severity {
  return SEVERITIES.some((severity) => severity === value);
}
