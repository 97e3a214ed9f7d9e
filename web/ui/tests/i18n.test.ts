import { afterEach, expect, test } from "vitest";

import { bytes, duration, moment, number, percent } from "../src/i18n/format";
import { locale } from "../src/state/settings";

const modules = import.meta.glob<Record<string, unknown>>(["../src/**/words*.ts", "../src/i18n/{actions,places,problems,states}.ts"], { eager: true });

afterEach(() => {
  locale.value = "en";
});

/** Return the dictionaries of a module in a language. */
function dictionaries(module: Record<string, unknown>, language: "en" | "es"): Record<string, unknown>[] {
  locale.value = language;
  return Object.values(module)
    .filter((value) => typeof value === "function")
    .map((words) => (words as () => Record<string, unknown>)());
}

test("there are words to look at", () => {
  expect(Object.keys(modules).length).toBeGreaterThan(5);
});

test.each(Object.keys(modules))("%s says the same things in both languages, and nothing is empty", (name) => {
  const module = modules[name] ?? {};
  const english = dictionaries(module, "en");
  const spanish = dictionaries(module, "es");

  for (const [at, words] of english.entries()) {
    const translated = spanish[at] ?? {};
    expect(Object.keys(translated).sort()).toEqual(Object.keys(words).sort());
    for (const [key, phrase] of Object.entries(words)) {
      expect(typeof translated[key]).toBe(typeof phrase);
      expect(phrase).not.toBe("");
      expect(translated[key]).not.toBe("");
    }
  }
});

test("numbers, shares and sizes follow the language", () => {
  expect([number(1234567), number(0.5, 1), percent(0.256), bytes(1536), bytes(0)]).toEqual(["1,234,567", "0.5", "26%", "1.5 KiB", "0 B"]);
  locale.value = "es";

  expect([number(1234567), number(0.5, 1), bytes(64 * 2 ** 20)]).toEqual(["1.234.567", "0,5", "64 MiB"]);
});

test("a time span is as exact as is of use", () => {
  expect([0.004, 0.42, 12.34, 245, 11_520, 180_000].map(duration)).toEqual(["4 ms", "0.42 s", "12.3 s", "4 min 05 s", "3 h 12 min", "2 d 2 h"]);
});

test("a moment of today is a time, another one has its day", () => {
  const now = new Date(2026, 0, 15, 18, 0);

  expect(moment(new Date(2026, 0, 15, 9, 5, 7).toISOString(), now)).toBe("09:05:07");
  expect(moment(new Date(2026, 0, 14, 9, 5, 7).toISOString(), now)).toBe("14 Jan, 09:05");
});
