/** Questions and their answers. */

import type { Properties } from "../things/types";

export const MODES = ["mix", "hybrid", "local", "global", "naive"] as const;
export type Mode = (typeof MODES)[number];

export interface Claim {
  readonly text: string;
  readonly evidence: readonly string[];
  readonly conflicting: boolean;
  /** Why it is to be doubted. */
  readonly marked: string | null;
}

export interface Evidence {
  readonly id: string;
  readonly kind: string;
  readonly title: string;
  readonly score: number;
  readonly found_by: readonly string[];
  readonly sources: readonly string[];
  readonly properties: Properties;
}

export interface Answer {
  readonly question: string;
  readonly answer: string;
  readonly claims: readonly Claim[];
  readonly cited: readonly Evidence[];
  readonly confidence: number;
  readonly abstained: boolean;
  readonly looked_for: readonly string[];
  readonly unknown: readonly string[];
  readonly language: "en" | "es";
  readonly mode: Mode;
  readonly truncated: boolean;
  readonly degraded: readonly string[];
  readonly data_version: number;
  readonly model: string | null;
  readonly cached: boolean;
  readonly processing_time_s: number;
}

export interface Turn {
  readonly position: number;
  readonly message: string;
  readonly understood: string;
  readonly answer: Answer;
  /** Seconds since the epoch. */
  readonly at: number;
}

export interface ChatAnswer {
  readonly session: string;
  readonly turn: Turn;
}

export interface History {
  readonly session: string;
  readonly turns: readonly Turn[];
  readonly total: number;
  readonly offset: number;
}
