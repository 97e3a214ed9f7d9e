/** What a person chose for this browser: theme and language. Nothing secret, so it outlives the tab. */

import { effect, signal } from "@preact/signals";

export type Theme = "system" | "light" | "dark";
export type Locale = "en" | "es";

export const theme = signal<Theme>(oneOf(["system", "light", "dark"], stored("theme"), "system"));
export const locale = signal<Locale>(oneOf(["en", "es"], stored("locale"), preferred()));

/** Keep the document and the browser's storage in step with the choices. */
export function applySettings(): void {
  effect(() => {
    const { dataset } = document.documentElement;
    if (theme.value === "system") delete dataset.theme;
    else dataset.theme = theme.value;
    store("theme", theme.value);
  });
  effect(() => {
    document.documentElement.lang = locale.value;
    store("locale", locale.value);
  });
}

function preferred(): Locale {
  return globalThis.navigator?.language?.toLowerCase().startsWith("es") ? "es" : "en";
}

function oneOf<T extends string>(allowed: readonly T[], value: string | null, otherwise: T): T {
  return allowed.find((item) => item === value) ?? otherwise;
}

function stored(name: string): string | null {
  try {
    return localStorage.getItem(`dasein.${name}`);
  } catch {
    return null;
  }
}

function store(name: string, value: string): void {
  try {
    localStorage.setItem(`dasein.${name}`, value);
  } catch {
    // Storage is switched off: the choice lasts as long as the page.
  }
}
