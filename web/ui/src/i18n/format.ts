/** Numbers, times and sizes as the chosen language writes them. */

import { type Locale, locale } from "../state/settings";

const TAGS: Record<Locale, string> = { en: "en-GB", es: "es-ES" };
const kept = new Map<string, unknown>();

export function number(value: number, digits = 0): string {
  // What is rounded to 0 has no sign.
  return cached(`n${digits}`, (tag) => new Intl.NumberFormat(tag, { maximumFractionDigits: digits, useGrouping: true, signDisplay: "negative" })).format(value);
}

/** A number to so many digits that count, however small it is: 0.00012, 3.3e−124. */
export function significant(value: number, digits = 2): string {
  if (value !== 0 && Math.abs(value) < 1e-4) return (value < 0 ? "−" : "") + small(Math.log10(Math.abs(value)), digits - 1);
  return cached(`s${digits}`, (tag) => new Intl.NumberFormat(tag, { maximumSignificantDigits: digits, useGrouping: true })).format(value);
}

/** A probability whose decimal logarithm is known: 0.5, 1.4e−52, 1e−1,000. */
export function probability(log10: number): string {
  return log10 > -3 ? significant(10 ** log10) : small(log10, 1);
}

function small(log10: number, digits: number): string {
  // 9.96 would be shown as 10.
  const exponent = Math.floor(log10 + 0.0022);
  return `${number(10 ** (log10 - exponent), digits)}e−${number(-exponent)}`;
}

export function percent(share: number, digits = 0): string {
  return cached(`p${digits}`, (tag) => new Intl.NumberFormat(tag, { style: "percent", maximumFractionDigits: digits })).format(share);
}

/** A moment: the time of day if it is today, the date as well otherwise. */
export function moment(iso: string, now: Date = new Date()): string {
  const at = new Date(iso);
  const today = at.toDateString() === now.toDateString();
  return cached(`m${today}`, (tag) =>
    today
      ? new Intl.DateTimeFormat(tag, { hour: "2-digit", minute: "2-digit", second: "2-digit" })
      : new Intl.DateTimeFormat(tag, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" }),
  ).format(at);
}

/** A moment in full. */
export function fullMoment(iso: string): string {
  return cached("f", (tag) => new Intl.DateTimeFormat(tag, { dateStyle: "medium", timeStyle: "long" })).format(new Date(iso));
}

export function day(iso: string): string {
  return cached("d", (tag) => new Intl.DateTimeFormat(tag, { dateStyle: "medium" })).format(new Date(iso));
}

/** A time span: 7 ms, 0.42 s, 12.3 s, 4 min 05 s, 3 h 12 min, 5 d 2 h. */
export function duration(seconds: number): string {
  if (seconds < 0.1) return `${number(1000 * seconds)} ms`;
  const decimals = seconds < 1 ? 2 : 1;
  if (seconds < 60) return `${number(seconds, decimals)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  if (whole < 86_400) return `${Math.floor(whole / 3600)} h ${two(Math.floor((whole % 3600) / 60))} min`;
  return `${number(Math.floor(whole / 86_400))} d ${Math.floor((whole % 86_400) / 3600)} h`;
}

export function bytes(count: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  const step = Math.min(units.length - 1, Math.floor(Math.log2(Math.max(count, 1)) / 10));
  return `${number(count / 1024 ** step, step === 0 ? 0 : 1)} ${units[step]}`;
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}

function cached<F>(name: string, make: (tag: string) => F): F {
  const tag = TAGS[locale.value];
  const key = `${tag} ${name}`;
  if (!kept.has(key)) kept.set(key, make(tag));
  return kept.get(key) as F;
}
