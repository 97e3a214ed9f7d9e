/** A long list of rows of one height, of which only those in sight are in the document. */

import type { ComponentChildren } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";

const SPARE = 8;

interface VirtualRowsProps<T> {
  readonly label: string;
  readonly rows: readonly T[];
  readonly keyOf: (row: T) => string;
  /** Pixels. */
  readonly rowHeight: number;
  readonly head: ComponentChildren;
  /** A row's cells; each with `role="cell"`. Asked for once for each row: a row that changes is another object. */
  readonly row: (row: T) => ComponentChildren;
  readonly foot?: ComponentChildren;
  /** There are more rows than are loaded. */
  readonly unfinished: boolean;
  /** The end of what is loaded comes into sight. */
  readonly onEnd: () => void;
  readonly onSeen?: (rows: readonly T[]) => void;
}

/** Scrolls by itself, also with the keyboard; to screen readers it is a table that knows how long it is. */
export function VirtualRows<T extends object>(props: VirtualRowsProps<T>) {
  const { rows, rowHeight, keyOf, unfinished, onEnd, onSeen } = props;
  const scroller = useRef<HTMLDivElement>(null);
  // The same element is not looked at again: while scrolling, only rows that come into sight are work.
  const cells = useRef(new WeakMap<T, ComponentChildren>());
  const cellsOf = (row: T) => {
    if (!cells.current.has(row)) cells.current.set(row, props.row(row));
    return cells.current.get(row);
  };
  const [view, setView] = useState({ top: 0, height: 800 });
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return undefined;
    const look = () => setView({ top: element.scrollTop, height: element.clientHeight });
    look();
    const sizes = new ResizeObserver(look);
    sizes.observe(element);
    element.addEventListener("scroll", look, { passive: true });
    return () => {
      sizes.disconnect();
      element.removeEventListener("scroll", look);
    };
  }, []);
  const first = Math.max(0, Math.floor(view.top / rowHeight) - SPARE);
  const end = Math.min(rows.length, Math.ceil((view.top + view.height) / rowHeight) + SPARE);
  const seen = rows.slice(first, end);
  const near = view.top + 3 * view.height > rows.length * rowHeight;
  useEffect(() => {
    if (near && unfinished) onEnd();
  }, [near, unfinished, rows.length]);
  useEffect(() => onSeen?.(seen), [first, end, rows]);
  return (
    <div class="rows" role="region" aria-label={props.label} tabIndex={0} ref={scroller}>
      <div role="table" aria-label={props.label} aria-rowcount={unfinished ? -1 : rows.length + 1}>
        <div role="rowgroup" class="rows-head">
          <div role="row" aria-rowindex={1} class="rows-row">
            {props.head}
          </div>
        </div>
        <div role="rowgroup" class="rows-body" style={{ height: `${rows.length * rowHeight}px` }}>
          <div class="rows-window" role="presentation" style={{ transform: `translateY(${first * rowHeight}px)` }}>
            {seen.map((row, at) => (
              <div role="row" class="rows-row" key={keyOf(row)} aria-rowindex={first + at + 2} style={{ height: `${rowHeight}px` }}>
                {cellsOf(row)}
              </div>
            ))}
          </div>
        </div>
      </div>
      {props.foot}
    </div>
  );
}
