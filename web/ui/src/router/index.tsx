/** Addresses below /app, without loading the page anew. */

import { batch, computed, signal } from "@preact/signals";
import type { ComponentChildren } from "preact";

export const BASE = "/app";

const location = signal(read());

/** The path below the base, such as `/jobs/4711`. */
export const currentPath = computed(() => location.value.path);
export const currentQuery = computed(() => new URLSearchParams(location.value.search));

/** Go to a place below the base, such as `/jobs?state=failed`. */
export function navigate(to: string, { replace = false }: { replace?: boolean } = {}): void {
  const url = BASE + to;
  if (url === window.location.pathname + window.location.search) return;
  window.history[replace ? "replaceState" : "pushState"](null, "", url);
  location.value = read();
}

/** Change some parameters of the query in place; null and the empty string take one out. */
export function setQuery(changes: Record<string, string | null>, { replace = true }: { replace?: boolean } = {}): void {
  const query = new URLSearchParams(location.value.search);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === "") query.delete(name);
    else query.set(name, value);
  }
  const search = query.toString();
  navigate(location.value.path + (search && `?${search}`), { replace });
}

/** Follow the browser's own back and forward. */
export function startRouter(): void {
  window.addEventListener("popstate", () => batch(() => (location.value = read())));
}

/** Return what a pattern such as `/jobs/:id` takes from a path; null where it does not match. */
export function match(pattern: string, path: string): Record<string, string> | null {
  const wanted = pattern.split("/");
  const given = path.replace(/(.)\/+$/, "$1").split("/");
  if (wanted.length !== given.length) return null;
  const params: Record<string, string> = {};
  for (const [at, part] of wanted.entries()) {
    const value = given[at] ?? "";
    if (part.startsWith(":")) {
      const decoded = decode(value);
      if (decoded === null || decoded === "") return null;
      params[part.slice(1)] = decoded;
    } else if (part !== value) return null;
  }
  return params;
}

interface LinkProps {
  readonly to: string;
  readonly class?: string;
  readonly title?: string;
  readonly "aria-current"?: "page" | undefined;
  readonly "aria-label"?: string;
  readonly children: ComponentChildren;
}

/** A link within the page: a real one, so that it can be opened in a new tab. */
export function Link({ to, children, ...rest }: LinkProps) {
  const go = (event: MouseEvent) => {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    navigate(to);
  };
  return (
    <a href={BASE + to} onClick={go} {...rest}>
      {children}
    </a>
  );
}

function read(): { path: string; search: string } {
  const { pathname, search } = globalThis.location ?? { pathname: BASE, search: "" };
  const path = pathname.startsWith(BASE) ? pathname.slice(BASE.length) : "";
  return { path: path === "" ? "/" : path, search };
}

function decode(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
