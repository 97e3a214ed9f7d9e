/** Documents of this folder were made by a farm: `python -m tests.page.real_jobs`. */

import { afterEach, expect, test } from "vitest";

import { locale } from "../src/state/settings";
import type { Job } from "../src/api/types";
import type { Cpa } from "../src/views/campaigns/types";
import type { Bivariate, Multiplicity, SecretCheck, Sequential } from "../src/views/campaigns/types-parts";
import { absences } from "../src/views/campaigns/report/method";
import { nameOf } from "../src/views/campaigns/report/attack";
import { whereText } from "../src/views/campaigns/report/place";
import { addressesText } from "../src/views/campaigns/report/secrets";
import { levelsOf } from "../src/views/campaigns/report/sweep";
import { decidedText, height } from "../src/views/campaigns/report/tests";
import { words } from "../src/views/campaigns/words";
import attacksDocument from "./documents/attacks.json";
import secretsDocument from "./documents/secrets.json";
import testsDocument from "./documents/tests.json";

const parts = testsDocument as unknown as { sequential: Sequential; multiplicity: Multiplicity; bivariate: Bivariate };
const secrets = secretsDocument as unknown as Record<"compare" | "table" | "masked" | "proven", SecretCheck>;
const attacks = attacksDocument as unknown as Record<"chacha" | "last" | "masked", { cpa: Cpa }>;

afterEach(() => {
  locale.value = "en";
});

test("a sequential campaign says when it was decided, after which look, at which rate", () => {
  const { looks, planned_looks, traces } = parts.sequential;

  expect(looks.length).toBeGreaterThan(1);
  expect(looks.length).toBeLessThan(planned_looks);
  expect(looks.at(-1)?.traces).toBe(traces);
  expect(looks.map(({ crossed }) => crossed > 0).indexOf(true)).toBe(looks.length - 1);
  expect(decidedText(parts.sequential)).toBe(
    `Decided: leaks, after ${traces.toLocaleString("en")} of at most 40,000 traces and ${looks.length} of 20 looks, at an error rate of 0.001 over all looks and samples.`,
  );
  locale.value = "es";
  expect(decidedText(parts.sequential)).toMatch(/^Decidido: hay fugas, tras .* con una tasa de error de 0,001/);
});

test("boundaries of looks come nearer as traces come in", () => {
  const boundaries = parts.sequential.looks.map(({ boundary }) => boundary);

  expect(boundaries).toEqual([...boundaries].sort((a, b) => b - a));
});

test.each(["holm", "benjamini-hochberg", "benjamini-yekutieli"])("the correction %s has a name and says what it keeps, in both languages", (method) => {
  const one = parts.multiplicity.corrections.find((correction) => correction.method === method);

  expect(one).toBeDefined();
  expect(words().correctionName(method)).not.toBe(method);
  expect(words().controls(method, one?.controls ?? "")).toBe(one?.controls);
  locale.value = "es";
  expect(words().controls(method, one?.controls ?? "")).toMatch(/^la (probabilidad|proporción)/);
  expect(words().controls("another", "something")).toBe("something");
});

test("pairs name both instructions with their source lines, worst first", () => {
  const { top, confirmed } = parts.bivariate;
  const heights = top.map(({ t }) => Math.abs(t ?? Infinity));

  expect(confirmed).toBeGreaterThan(0);
  expect(heights).toEqual([...heights].sort((a, b) => b - a));
  expect([whereText(top[0]!.first), whereText(top[0]!.second)].every((where) => /^sub_bytes · aes128_masked\.c:\d+$/.test(where))).toBe(true);
});

test("|t| has no sign, and infinity is written", () => {
  expect([height(-12.34), height(0), height(null)]).toEqual(["12.3", "0", "∞"]);
});

test("a way that secrets decide has the line of the branch and those where executions went", () => {
  const [way] = secrets.compare.ways;

  expect(secrets.compare.verdict).toBe("leaks");
  expect(whereText(way!.place)).toBe("compare_leaky · compare_leaky.c:16");
  expect(way!.ways.map(({ place }) => place?.line)).toEqual([19, 15]);
  expect(secrets.compare.cycles.some(({ differs, place }) => differs && place?.line === 16)).toBe(true);
});

test("an address says how often it went elsewhere, where, and what a cache makes of it", () => {
  const other = secrets.table.addresses.find(({ other_lines }) => (other_lines ?? 0) > 0);

  expect(addressesText(other!)).toMatch(/^[\d,]+ of [\d,]+ elsewhere, 0x[0-9a-f]{8} to 0x[0-9a-f]{8}, [\d,]+ in other cache lines, \d+ to \d+ cycles of misses$/);
  expect(addressesText({ ...other!, other_lines: 0 })).toContain("always the same cache line");
  expect(addressesText({ ...other!, other_lines: null })).toMatch(/0x[0-9a-f]{8}$/);
});

test("with masks there are chances, and nothing is proven; without, the compare in constant time is", () => {
  expect(secrets.masked.error_rate).toBe(0.001);
  expect(secrets.masked.addresses.some(({ p_log10 }) => p_log10 !== null)).toBe(true);
  expect([secrets.masked.proven, secrets.proven.proven]).toEqual([false, true]);
});

test("bytes of words are called by their names, those of a key by their numbers", () => {
  const { cpa } = attacks.chacha;

  expect(cpa.bytes).toHaveLength(32);
  expect(new Set(cpa.bytes.map(nameOf)).size).toBe(32);
  expect(cpa.bytes.map(nameOf)).not.toContain(null);
  expect(nameOf({ ...cpa.bytes[0]!, name: "key byte 0" })).toBeNull();
  expect(cpa.assumes).toBeTruthy();
});

test("a last round leads to the key, and an attack that knows masks says that it does", () => {
  expect(attacks.last.cpa.master_key).toBe("2b7e151628aed2a6abf7158809cf4f3c");
  expect([attacks.masked.cpa.conditional, attacks.last.cpa.conditional]).toEqual([true, false]);
});

/** A campaign of a sweep, as far as it is looked at. */
function campaign(sigma: number, more: object = {}, result: object | null = { verdict: "leaks", max_abs_t: 90 / sigma, findings: 3, key_bytes_recovered: 16 }): Job {
  return { id: `c-${sigma}`, state: "succeeded", params: { plan: "fixed_vs_random", traces: 100, power: { model: "hw", noise_sigma: sigma }, ...more }, result } as unknown as Job;
}

test("campaigns that differ in their noise alone are the levels of a sweep, by their noise", () => {
  const levels = levelsOf([campaign(8), campaign(1), campaign(2)]);

  expect(levels?.map(({ id, sigma, maxAbsT }) => [id, sigma, maxAbsT])).toEqual([
    ["c-1", 1, 90],
    ["c-2", 2, 45],
    ["c-8", 8, 11.25],
  ]);
});

test("campaigns that differ in anything else, or in nothing, are no sweep", () => {
  expect(levelsOf([campaign(1), campaign(2, { traces: 200 })])).toBeNull();
  expect(levelsOf([campaign(1), campaign(1)])).toBeNull();
  expect(levelsOf([campaign(1)])).toBeNull();
  expect(levelsOf([campaign(1), campaign(2, { power: null })])).toBeNull();
});

test("without noise |t| is infinite; of a level that has not ended nothing is known", () => {
  const [silent, running] = levelsOf([campaign(0, {}, { verdict: "leaks", max_abs_t: null }), campaign(1, {}, null)]) ?? [];

  expect([silent?.infinite, silent?.maxAbsT]).toEqual([true, null]);
  expect([running?.infinite, running?.verdict, running?.findings]).toEqual([false, null, null]);
});

test("what a campaign asked for and did not get is said with the reason, and nothing of what it did not ask for", () => {
  const absent = { tvla_absent: null, cpa_absent: "the campaign asked for none", bivariate: null, bivariate_absent: "too short", secrets: null, secrets_absent: "Renode executes it" };
  const request = { name: "n", target: { entry: "f" }, bivariate: null };

  expect(absences({ ...absent, request })).toEqual(["No attack: the campaign asked for none."]);
  expect(absences({ ...absent, cpa_absent: null, request: { ...request, bivariate: { window: [0, 9] }, constant_time: {} } })).toEqual([
    "Pairs were not tested: too short.",
    "Secrets were not compared: Renode executes it.",
  ]);
  expect(absences({ ...absent, cpa_absent: null, secrets: secrets.proven, request: { ...request, constant_time: {} } })).toEqual([]);
});
