/** Numbers of small plots: where values come to lie, which ticks stand beside them, where a line is broken. */

export interface Axis {
  readonly low: number;
  readonly high: number;
  readonly log?: boolean;
}

export type Point = readonly [x: number, y: number | null];

/** Return what places values of an axis on a length; on a logarithmic one what is not above 0 has no place. */
export function placing({ low, high, log = false }: Axis, length: number): (value: number) => number | null {
  const of = log ? Math.log10 : (value: number) => value;
  const [from, to] = [of(low), of(high)];
  return (value) => {
    if (!Number.isFinite(value) || (log && value <= 0)) return null;
    return to === from ? length / 2 : ((of(value) - from) / (to - from)) * length;
  };
}

/** Return an axis that holds all values with a little room; null where there are none that it could hold. */
export function around(values: readonly (number | null)[], log = false): Axis | null {
  const found = values.filter((value): value is number => value !== null && Number.isFinite(value) && (!log || value > 0));
  if (found.length === 0) return null;
  const [low, high] = [found.reduce((a, b) => Math.min(a, b)), found.reduce((a, b) => Math.max(a, b))];
  if (log) return low === high ? { low: low / 2, high: high * 2, log } : { low, high, log };
  const room = high === low ? Math.max(Math.abs(high) / 10, 0.5) : 0.05 * (high - low);
  return { low: low - room, high: high + room };
}

/** Return some round values on an axis: powers of ten, with 2 and 5 between them where there is room; else steps of 1, 2 or 5. */
export function ticks({ low, high, log = false }: Axis, most = 6): number[] {
  return log ? logTicks(low, high, most) : evenTicks(low, high, most);
}

function logTicks(low: number, high: number, most: number): number[] {
  const decades = Array.from({ length: Math.floor(Math.log10(high)) - Math.floor(Math.log10(low)) + 1 }, (_, at) => 10 ** (Math.floor(Math.log10(low)) + at));
  const within = (parts: readonly number[]) => decades.flatMap((decade) => parts.map((part) => part * decade)).filter((value) => value >= low * 0.999 && value <= high * 1.001);
  const found = [[1, 2, 5], [1, 3], [1]].map(within).find((values) => values.length >= 2 && values.length <= most);
  if (found) return found;
  const tens = within([1]);
  const step = Math.ceil(tens.length / most);
  return tens.length < 2 ? [low, high] : tens.filter((_, at) => at % step === 0);
}

function evenTicks(low: number, high: number, most: number): number[] {
  const rough = (high - low) / most;
  if (!(rough > 0)) return [low];
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((part) => part * power).find((one) => one >= rough) ?? 10 * power;
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.floor(high / step) - first + 1 }, (_, at) => (first + at) * step);
}

/** Figures that fit beside an axis. */
const LONGEST_TICK = 7;

/**
 * Return texts of ticks, with four digits and as many more as put each where it stands: also those close together far from 0.
 * What would be too long is a power of ten, or lacks its first digits and says so.
 */
export function tickTexts(values: readonly number[]): string[] {
  const step = Math.abs((values[1] ?? 0) - (values[0] ?? 0));
  const rounded = (value: number, digits: number) => Number(value.toPrecision(digits));
  const right = (digits: number) => values.every((value) => Math.abs(rounded(value, digits) - value) <= step / 50);
  const digits = Array.from({ length: 12 }, (_, at) => at + 4).find(right) ?? 4;
  return values.map((value) => tickText(rounded(value, digits)));
}

function tickText(value: number): string {
  const [plain, power] = [String(value), value.toExponential()];
  if (plain.length <= LONGEST_TICK && Math.abs(value) < 1e5) return plain;
  if (power.length < plain.length && power.length <= LONGEST_TICK + 1) return power;
  return plain.length > LONGEST_TICK ? `…${plain.slice(2 - LONGEST_TICK)}` : plain;
}

/** Return the runs of points that have a place, as `x,y x,y`: a line is broken where a value is missing, and a point alone is a dot. */
export function runs(points: readonly Point[], x: (value: number) => number | null, y: (value: number) => number | null): string[] {
  const found: string[][] = [[]];
  for (const [across, up] of points) {
    const [left, top] = [x(across), up === null ? null : y(up)];
    if (left === null || top === null) found.push([]);
    else found.at(-1)?.push(`${left.toFixed(1)},${top.toFixed(1)}`);
  }
  return found.filter((run) => run.length > 0).map((run) => (run.length === 1 ? [...run, ...run] : run).join(" "));
}
