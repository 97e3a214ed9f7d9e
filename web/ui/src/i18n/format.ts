/** Numbers, times and sizes as the chosen language writes them. */

import { type Locale, locale } from "../state/settings";

const TAGS: Record<Locale, string> = { en: "en-GB", es: "es-ES" };
const kept = new Map<string, unknown>();

export function number(value: number, digits = 0): string {
  return cached(`n${digits}`, (tag) => new Intl.NumberFormat(tag, { maximumFractionDigits: digits, useGrouping: true })).format(value);
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
