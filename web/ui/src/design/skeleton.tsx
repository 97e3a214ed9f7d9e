import { actions } from "../i18n/actions";

const WIDTHS = ["62%", "88%", "74%", "92%", "55%", "80%", "68%", "84%"] as const;

/** Grey lines where text will be: as many as will be there, so that nothing moves when it comes. */
export function Skeleton({ lines = 3 }: { lines?: number }) {
  return (
    <div class="skeletons" aria-hidden="true">
      {Array.from({ length: lines }, (_, at) => (
        <span class="skeleton" key={at} style={{ width: WIDTHS[at % WIDTHS.length] ?? "70%" }} />
      ))}
    </div>
  );
}

/** A whole view that is on its way. */
export function Loading() {
  return (
    <div class="card" aria-busy="true">
      <span class="sr">{actions().loading}</span>
      <Skeleton lines={8} />
    </div>
  );
}
