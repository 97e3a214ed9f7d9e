/** Colours of the theme for what is drawn rather than styled: canvases take no custom properties. */

import { signal } from "@preact/signals";

/** Changes whenever the colours do: draw again. */
export const paint = signal(0);

/** Return the colour of a token such as `--accent`, as the browser computes it now. */
export function color(token: string): string {
  const probe = document.createElement("span");
  probe.style.color = `var(${token})`;
  document.body.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}

/** Notice changes of the theme, the system's too. */
export function watchColors(): void {
  const changed = () => {
    paint.value += 1;
  };
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", changed);
  new MutationObserver(changed).observe(document.documentElement, { attributeFilter: ["data-theme"] });
}
