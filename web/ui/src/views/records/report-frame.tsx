/** A report that is a page of its own, shown without letting it do anything. */

import { useEffect, useRef, useState } from "preact/hooks";

import { paint } from "../../design/colors";
import { theme } from "../../state/settings";

const STYLE = /<style\b[^>]*>([\s\S]*?)<\/style\s*>/gi;
const DARK = /@media\s*\(prefers-color-scheme:\s*dark\)/g;
const DANGEROUS = "script, style, link, base, meta[http-equiv], iframe, object, embed, form";

/** Return the report's page without what it could act by, and its style apart. */
export function harmless(html: string): { readonly page: string; readonly style: string } {
  const styles: string[] = [];
  // Before it is parsed: our policy would complain of them even in a document that is never shown.
  const bare = html.replace(STYLE, (_whole, rules: string) => (styles.push(rules), ""));
  const parsed = new DOMParser().parseFromString(bare, "text/html");
  for (const element of parsed.querySelectorAll(DANGEROUS)) element.remove();
  return { page: `<!doctype html>\n${parsed.documentElement.outerHTML}`, style: styles.join("\n") };
}

/**
 * The frame has our origin, so that we may give it its style (our policy lets no document bring its own), but its sandbox runs
 * no scripts, sends no forms and opens nothing; and as it inherits our policy, it loads nothing either.
 */
export function ReportFrame({ html, title }: { html: string; title: string }) {
  const frame = useRef<HTMLIFrameElement>(null);
  const [url, setUrl] = useState<string | null>(null);
  const style = useRef("");
  const painted = paint.value;
  useEffect(() => {
    const { page, style: rules } = harmless(html);
    style.current = rules;
    const address = URL.createObjectURL(new Blob([page], { type: "text/html;charset=utf-8" }));
    setUrl(address);
    return () => URL.revokeObjectURL(address);
  }, [html]);
  const dress = () => {
    const view = frame.current?.contentWindow as (Window & typeof globalThis) | null | undefined;
    const shown = frame.current?.contentDocument;
    if (!view || !shown) return;
    const sheet = new view.CSSStyleSheet();
    // The report follows the system's theme, the page the one that was chosen: so does the report in it.
    sheet.replaceSync(style.current.replace(DARK, isDark() ? "@media all" : "@media not all"));
    shown.adoptedStyleSheets = [sheet];
  };
  useEffect(dress, [painted]);
  return url && <iframe class="report-frame" ref={frame} src={url} title={title} sandbox="allow-same-origin" onLoad={dress} />;
}

function isDark(): boolean {
  return theme.value === "dark" || (theme.value === "system" && matchMedia("(prefers-color-scheme: dark)").matches);
}
