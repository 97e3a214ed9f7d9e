/** Records of files, as docs/rem.schema.json has them. */

export const MODALITIES = ["text", "image", "audio", "video"] as const;
export type Modality = (typeof MODALITIES)[number];

/** A record in one line. */
export interface Line {
  readonly rem_id: string;
  readonly artifact: string;
  readonly name: string;
  readonly modality: Modality;
  readonly level: "lite" | "full";
  readonly media_type: string;
  readonly bytes: number;
  readonly created_at: string;
  readonly language: "en" | "es" | null;
  readonly completeness: number;
  readonly headline: string;
  readonly warnings: readonly string[];
}

export interface LinesPage {
  readonly records: readonly Line[];
  readonly cursor: string | null;
}

export interface Derivation {
  readonly method: string | null;
  readonly model: string | null;
  readonly confidence: number | null;
  /** Why the value is null. */
  readonly reason: string | null;
}

export interface Span {
  readonly start: number;
  readonly end: number;
}

export interface Rem {
  readonly header: {
    readonly rem_id: string;
    readonly schema_version: string;
    readonly forge_version: string;
    readonly level: "lite" | "full";
    readonly models: readonly {
      readonly name: string;
      readonly version: string;
      readonly sha256: string;
      readonly licence: string | null;
      readonly device: string;
      readonly dtype: string;
    }[];
    readonly created_at: string;
    readonly modality: Modality;
    readonly source: { readonly name: string; readonly sha256: string; readonly media_type: string; readonly bytes: number };
    readonly language: "en" | "es" | null;
    readonly quality: { readonly completeness: number; readonly warnings: readonly string[] };
  };
  readonly stream: {
    readonly text: string | null;
    readonly clauses: readonly (Span & { readonly text: string; readonly experiential_score: number })[];
    readonly temporal_markers: readonly (Span & { readonly text: string; readonly phase: string })[];
  };
  readonly noetic: Readonly<Record<string, unknown>>;
  readonly sensorial: Readonly<Record<string, unknown>>;
  readonly qualia: Readonly<Record<Modality, Readonly<Record<string, unknown>> | null>>;
  readonly anchors: readonly (Span & { readonly token: string; readonly salience: number })[];
  readonly scales: { readonly coarse: string; readonly medium: readonly string[]; readonly fine: Readonly<Record<string, number>> };
  readonly embedding: { readonly space: string; readonly dim: number; readonly vector_ref: string; readonly model: string } | null;
  readonly labels: readonly { readonly name: string; readonly score: number; readonly kind: string }[];
  readonly fields: Readonly<Record<string, Derivation>>;
}

export interface Found {
  readonly rem_id: string;
  readonly name: string;
  readonly modality: Modality;
  readonly headline: string;
  readonly score: number;
  readonly cosine: number | null;
  readonly found_by: readonly string[];
}

export interface SearchAnswer {
  readonly found: readonly Found[];
  readonly degraded: readonly string[];
}

/** What became of a file. */
export interface Outcome {
  readonly name: string;
  readonly rem_id: string | null;
  readonly modality: Modality | null;
  readonly headline: string | null;
  readonly reason: string | null;
  readonly message: string | null;
}

export interface BatchResult {
  readonly records: number;
  readonly failed: number;
  readonly files: readonly Outcome[];
  readonly more: number;
  readonly degraded: readonly string[];
  readonly ingestion: string | null;
}
