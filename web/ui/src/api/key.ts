/** The caller's API key: kept by the browser's tab alone, and sent as a header, so other sites cannot make use of it. */

const NAME = "dasein.key";

let key: string | null = read();
let refused: () => void = () => undefined;

export function currentKey(): string | null {
  return key;
}

export function keepKey(value: string | null): void {
  key = value;
  try {
    // What else a view kept for the tab was kept for whoever signs out.
    if (value === null) sessionStorage.clear();
    else sessionStorage.setItem(NAME, value);
  } catch {
    // Storage is switched off: the key lives until the page is left.
  }
}

/** Name what happens when the server no longer takes the key. */
export function whenRefused(then: () => void): void {
  refused = then;
}

export function keyRefused(): void {
  refused();
}

function read(): string | null {
  try {
    return sessionStorage.getItem(NAME);
  } catch {
    return null;
  }
}
