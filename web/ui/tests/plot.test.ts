import { afterEach, expect, test } from "vitest";

import { around, placing, runs, tickTexts, ticks } from "../src/design/plot";
import { number, probability, significant } from "../src/i18n/format";
import { locale } from "../src/state/settings";

afterEach(() => {
  locale.value = "en";
});

test("a value lies where its share of the axis is, by its logarithm on a logarithmic one", () => {
  const even = placing({ low: -10, high: 30 }, 200);
  const log = placing({ low: 1, high: 1000, log: true }, 300);

  expect([even(-10), even(0), even(30)]).toEqual([0, 50, 200]);
  expect([log(1), log(10), log(1000)].map((at) => Math.round(at ?? -1))).toEqual([0, 100, 300]);
  expect([log(0), log(-1), even(NaN), even(Infinity)]).toEqual([null, null, null, null]);
});

test("an axis holds all values, one that never changes, and is none where there is nothing", () => {
  expect(around([null, 3, 7])).toEqual({ low: 2.8, high: 7.2 });
  expect(around([5, 5])).toEqual({ low: 4.5, high: 5.5 });
  expect(around([0, 10, 1000], true)).toEqual({ low: 10, high: 1000, log: true });
  expect(around([8, 8], true)).toEqual({ low: 4, high: 16, log: true });
  expect(around([null, NaN])).toBeNull();
});

test("ticks are round, lie on the axis, and are few", () => {
  expect(ticks({ low: 0, high: 1 }, 5).map((value) => Number(value.toFixed(9)))).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1]);
  expect(ticks({ low: -3.1, high: 12 }, 6)).toEqual([0, 5, 10]);
  expect(ticks({ low: 1, high: 100, log: true }, 7)).toEqual([1, 2, 5, 10, 20, 50, 100]);
  expect(ticks({ low: 1, high: 1000, log: true }, 6)).toEqual([1, 10, 100, 1000]);
  expect(ticks({ low: 1, high: 1e9, log: true }, 5)).toEqual([1, 100, 1e4, 1e6, 1e8]);
  expect(ticks({ low: 22, high: 26, log: true }, 5)).toEqual([22, 26]);
  expect(ticks({ low: 4, high: 4 })).toEqual([4]);
});

test("a line is broken where a value is missing", () => {
  const same = (value: number) => value;

  expect(runs([[0, 1], [1, 2], [2, null], [3, 4]], same, same)).toEqual(["0.0,1.0 1.0,2.0", "3.0,4.0 3.0,4.0"]);
  expect(runs([[0, null]], same, same)).toEqual([]);
});

test("ticks of a small difference on a large offset are told apart, and others are short", () => {
  expect(tickTexts([-5, 0, 4.5, 10])).toEqual(["-5", "0", "4.5", "10"]);
  expect(tickTexts([0, 1 / 3])).toEqual(["0", "0.3333"]);
  expect(tickTexts([2_000_000, 4_000_000])).toEqual(["2e+6", "4e+6"]);
  expect(tickTexts([2048, 2048.2, 2048.4])).toEqual(["2048", "2048.2", "2048.4"]);
  expect(tickTexts([8_388_608, 8_388_608.5])).toEqual(["8388608", "…608.5"]);
  expect(tickTexts([-0.0000125, 0, 0.00002])).toEqual(["-1.25e-5", "0", "0.00002"]);
  expect(tickTexts([0.11, 0.1105])).toEqual(["0.11", "0.1105"]);
  expect(tickTexts([7, 7])).toEqual(["7", "7"]);
});

test("a probability is written whatever its size, as the HTML report writes it", () => {
  expect([-4.001, -0.30103, -51.85, -1000].map(probability)).toEqual(["1e−4", "0.5", "1.4e−52", "1e−1,000"]);
  expect(probability(0)).toBe("1");
  expect([significant(0.000123456), significant(3.33e-124), significant(-0.00001234, 3), significant(0)]).toEqual(["0.00012", "3.3e−124", "−1.23e−5", "0"]);
  expect([number(-0.00002, 3), number(-0.25, 2)]).toEqual(["0", "-0.25"]);
  locale.value = "es";
  expect(probability(-51.85)).toBe("1,4e−52");
});
