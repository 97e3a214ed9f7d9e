/** The theme's colours for canvases, asked of the browser once per theme. */

import { color, paint } from "../../../design/colors";

const TOKENS = ["card", "well", "ink", "soft", "dim", "line", "strong-line", "accent", "accent-wash", "hot", "hot-wash", "warm", "good", "trace"] as const;

export type Paint = (typeof TOKENS)[number];
export interface Palette extends Readonly<Record<Paint, string>> {
  readonly dark: boolean;
}

let kept: { at: number; palette: Palette } | null = null;

/** Return the colours; whoever calls it while rendering follows the theme. */
export function palette(): Palette {
  const at = paint.value;
  if (kept?.at !== at) {
    const found = Object.fromEntries(TOKENS.map((token) => [token, color(`--${token}`)])) as Record<Paint, string>;
    kept = { at, palette: { ...found, dark: lightness(found.card) < 0.5 } };
  }
  return kept.palette;
}

/** A function's colour in a band, and that of the words on it. */
export function segment(hue: number, { dark }: Palette, shift = 0): string {
  return `hsl(${hue} ${dark ? 30 : 42}% ${(dark ? 27 : 84) + (dark ? -shift : shift)}%)`;
}

function lightness(rgb: string): number {
  const [red = 0, green = 0, blue = 0] = (rgb.match(/[\d.]+/g) ?? []).map(Number);
  const scale = rgb.startsWith("color") ? 1 : 255;
  return (0.3 * red + 0.6 * green + 0.1 * blue) / scale;
}
