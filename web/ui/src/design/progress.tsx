import { number } from "../i18n/format";

interface ProgressProps {
  readonly done: number;
  /** 0: not known yet. */
  readonly total: number;
  /** For screen readers: what it is the progress of. */
  readonly label: string;
  readonly tone?: "accent" | "good" | "bad" | "still";
  readonly counted?: boolean;
}

/** A thin bar with a count. */
export function Progress({ done, total, label, tone = "accent", counted = true }: ProgressProps) {
  const known = total > 0;
  const share = known ? Math.min(1, done / total) : 0;
  const moving = !known && tone === "accent";
  const value = known ? { "aria-valuenow": Math.round(100 * share), "aria-valuemin": 0, "aria-valuemax": 100 } : {};
  return (
    <div class="progress">
      <div class="progress-track" role="progressbar" aria-label={label} {...value}>
        {moving ? <div class="progress-bar unknown" /> : <div class={`progress-bar ${tone}`} style={{ transform: `scaleX(${share})` }} />}
      </div>
      {counted && known && (
        <span>
          {number(done)}/{number(total)}
        </span>
      )}
    </div>
  );
}
