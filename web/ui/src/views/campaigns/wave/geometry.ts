/** Where things are in the waveform, in CSS pixels: one left edge for both charts and the band. */

export const GUTTER = 54;
export const RIGHT = 10;
export const UPPER = 232;
export const LOWER = 104;
/** Room above and below a chart's plot. */
export const PADDING = 10;

export const HEAT = 9;
export const FUNCTIONS = 22;
export const LINES = 18;
export const TEXT = 20;
export const AXIS = 24;
/** Pixels per sample from which instructions can be read. */
export const READABLE = 44;

export function bandHeight(heats: number, withLines: boolean): number {
  return heats * (HEAT + 2) + 4 + FUNCTIONS + (withLines ? LINES : 0) + TEXT + AXIS;
}
