import type { ComponentChildren } from "preact";

export interface Column<T> {
  /** Also its key. */
  readonly name: string;
  readonly head: ComponentChildren;
  readonly cell: (row: T) => ComponentChildren;
  readonly numeric?: boolean;
}

interface TableProps<T> {
  /** Read by screen readers. */
  readonly caption: string;
  readonly columns: readonly Column<T>[];
  readonly rows: readonly T[];
  readonly keyOf: (row: T) => string;
}

/** A table that scrolls sideways where it does not fit. For thousands of rows see `virtual-rows`. */
export function Table<T>({ caption, columns, rows, keyOf }: TableProps<T>) {
  return (
    // Focusable, so that it can be scrolled with the keyboard.
    <div class="scroll" tabIndex={0} role="group" aria-label={caption}>
      <table class="table">
        <caption class="sr">{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column.name} scope="col" class={column.numeric ? "num" : ""}>
                {column.head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)}>
              {columns.map((column) => (
                <td key={column.name} class={column.numeric ? "num" : ""}>
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
