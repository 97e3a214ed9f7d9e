/** What is looked at in a waveform: shared by its charts, its band, the code and the findings. */

import { type Signal, batch, signal } from "@preact/signals";

import type { CurveName } from "../types";

export interface Span {
  readonly from: number;
  readonly to: number;
}

export interface Pin {
  /** Of one instruction, or of all of a source line. */
  readonly addresses: readonly number[];
  readonly name: string;
  /** Null: the instruction was chosen, not one of its samples. */
  readonly sample: number | null;
}

export type Mode = "select" | "zoom" | "pan";
export type Heat = "t1" | "rho";

/** Below this many samples there is nothing more to see. */
const CLOSEST = 8;

export class Wave {
  readonly view: Signal<Span>;
  readonly cursor = signal<number | null>(null);
  readonly pinned = signal<Pin | null>(null);
  readonly selection = signal<Span | null>(null);
  readonly mode = signal<Mode>("select");
  readonly curve = signal<CurveName>("t1");
  readonly heat = signal<Heat>("t1");
  /** Large values do not flatten small ones: linear up to the threshold, logarithmic beyond. */
  readonly compressed = signal(true);
  private count: number;

  constructor(samples: number) {
    this.count = samples;
    this.view = signal({ from: 0, to: Math.max(1, samples) });
  }

  get samples(): number {
    return this.count;
  }

  /** Take another number of samples, as a report's may be another than the path's. */
  resize(samples: number): void {
    if (samples === this.count) return;
    this.count = samples;
    this.fit();
  }

  fit(): void {
    this.view.value = { from: 0, to: Math.max(1, this.count) };
  }

  get whole(): boolean {
    const { from, to } = this.view.value;
    return from <= 0 && to >= this.count;
  }

  show(from: number, to: number): void {
    const wide = Math.min(Math.max(to - from, Math.min(CLOSEST, this.count)), Math.max(1, this.count));
    const middle = (from + to) / 2;
    const first = Math.min(Math.max(0, middle - wide / 2), Math.max(0, this.count - wide));
    this.view.value = { from: first, to: first + wide };
  }

  zoom(factor: number, around?: number): void {
    const { from, to } = this.view.value;
    const at = around ?? this.cursor.value ?? (from + to) / 2;
    const middle = Math.min(Math.max(at, from), to);
    this.show(middle - (middle - from) * factor, middle + (to - middle) * factor);
  }

  pan(share: number): void {
    const { from, to } = this.view.value;
    const step = (to - from) * share;
    this.show(from + step, to + step);
  }

  /** Move the cursor, and the view after it. */
  step(by: number): void {
    const { from, to } = this.view.value;
    const begin = this.cursor.value ?? this.pinned.value?.sample ?? Math.round((from + to) / 2);
    this.put(begin + by);
  }

  put(sample: number): void {
    const at = Math.min(Math.max(0, Math.round(sample)), Math.max(0, this.count - 1));
    batch(() => {
      this.cursor.value = at;
      const { from, to } = this.view.value;
      if (at < from || at >= to) this.show(at - (to - from) / 2, at + (to - from) / 2);
    });
  }

  /** Choose a sample, or an instruction, and bring it into sight. */
  pin(pin: Pin | null): void {
    batch(() => {
      this.pinned.value = pin;
      if (pin?.sample != null) this.put(pin.sample);
    });
  }

  select(span: Span | null): void {
    if (span === null) {
      this.selection.value = null;
      return;
    }
    const from = Math.max(0, Math.floor(Math.min(span.from, span.to)));
    const to = Math.min(this.count, Math.ceil(Math.max(span.from, span.to)));
    this.selection.value = to > from ? { from, to } : null;
  }
}
