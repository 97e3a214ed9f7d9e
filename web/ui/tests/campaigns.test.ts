import { expect, test } from "vitest";

import { Problem } from "../src/api/problem";
import type { JsonObject } from "../src/api/types";
import { EMPTY, bodyOf, errorsOf, formOf, guessed, isComplete, submissionOf } from "../src/views/campaigns/new/form";
import { partedLines } from "../src/views/campaigns/report/constant-time";
import { statsWithin } from "../src/views/campaigns/report/code-rows";
import type { Offer } from "../src/views/campaigns/types";
import { rateOf } from "../src/views/campaigns/use-campaign";
import { type Frame, hueOf, runsOf, thinned, within } from "../src/views/campaigns/wave/curves";
import { Wave } from "../src/views/campaigns/wave/state";

const VALUES = [0, 3, -2, 9, 1, -7, 4];
const FRAME: Frame = {
  from: 0,
  to: 7,
  stride: 1,
  pcs: Float64Array.from([10, 10, 12, 12, 12, 10, 14]),
  curves: { t1: { low: Float64Array.from(VALUES), high: Float64Array.from(VALUES) } },
};

const OFFER = {
  firmware: "sha256:00",
  core: "cortex-m4",
  memory: [],
  functions: ["main", "aes128_encrypt", "aes128_decrypt", "expand_key"].map((name) => ({ name })),
  objects: [
    { name: "sbox", size: 256, writable: false },
    { name: "round_key", size: 176, writable: true },
    { name: "aes_key", size: 16, writable: true },
    { name: "aes_plaintext", size: 16, writable: true },
    { name: "aes_ciphertext", size: 16, writable: true },
  ],
} as unknown as Offer;

test("thinning keeps every extreme, and says how many samples a point stands for", () => {
  const thin = thinned(FRAME, 0, 7, 3);

  expect([thin.from, thin.to, thin.stride]).toEqual([0, 7, 3]);
  expect([...(thin.curves.t1?.low ?? [])]).toEqual([-2, -7, 4]);
  expect([...(thin.curves.t1?.high ?? [])]).toEqual([3, 9, 4]);
  expect([...thin.pcs]).toEqual([10, 12, 14]);
});

test("a window that can be shown sample by sample is not thinned", () => {
  const near = thinned(FRAME, 2, 5, 10);

  expect([near.from, near.to, near.stride]).toEqual([2, 5, 1]);
  expect([...(near.curves.t1?.low ?? [])]).toEqual([-2, 9, 1]);
});

test("runs join what is alike, and only those in sight are returned", () => {
  const runs = runsOf(FRAME, (pc) => pc);

  expect(runs).toEqual([
    [0, 2, 10],
    [2, 5, 12],
    [5, 6, 10],
    [6, 7, 14],
  ]);
  expect(within(runs, 3, 6)).toEqual([
    [2, 5, 12],
    [5, 6, 10],
  ]);
});

test("the code behind samples is counted with its worst value there", () => {
  const stats = statsWithin(FRAME, { from: 1, to: 6 });

  expect(stats.get(10)).toEqual({ samples: 2, t1: 7, rho: null });
  expect(stats.get(12)).toEqual({ samples: 3, t1: 9, rho: null });
  expect(stats.has(14)).toBe(false);
});

test("a name has one colour, whoever asks", () => {
  expect(hueOf("sub_bytes")).toBe(hueOf("sub_bytes"));
  expect(hueOf("sub_bytes")).not.toBe(hueOf("mix_columns"));
});

test("the view stays within the trace however one moves", () => {
  const wave = new Wave(1000);

  wave.show(-50, 50);
  expect(wave.view.value).toEqual({ from: 0, to: 100 });
  wave.pan(-3);
  expect(wave.view.value.from).toBe(0);
  wave.zoom(100);
  expect(wave.whole).toBe(true);
  wave.show(990, 5000);
  expect(wave.view.value.to).toBe(1000);
});

test("the cursor takes the view along", () => {
  const wave = new Wave(1000);
  wave.show(0, 100);

  wave.put(500);

  expect([wave.view.value.from < 500, wave.view.value.to > 500]).toEqual([true, true]);
  wave.put(5000);
  expect(wave.cursor.value).toBe(999);
});

test("an AES is recognised by its names", () => {
  const form = guessed(EMPTY, OFFER, "aes128.elf");

  expect([form.entry, form.core, form.name, form.cpa]).toEqual(["aes128_encrypt", "cortex-m4", "aes128", true]);
  expect(form.inputs.map(({ name, role, symbol, length }) => [name, role, symbol, length])).toEqual([
    ["key", "key", "aes_key", "16"],
    ["plaintext", "plaintext", "aes_plaintext", "16"],
  ]);
  expect([form.outputSymbol, form.outputLength]).toEqual(["aes_ciphertext", "16"]);
  expect(isComplete(form)).toBe(true);
});

test("a form that is filled from a request makes the same request", () => {
  const made = { ...guessed(EMPTY, OFFER, "x.elf"), cpaFrom: "10", cpaTo: "20", triggerStart: "a", triggerStop: "b", arguments: ["input:key", "", "7"] };
  const body = bodyOf({ ...made, publics: [{ id: 1, symbol: "0x10-0x20", reason: "why" }] });

  expect(bodyOf(formOf(body as JsonObject))).toEqual(body);
  const { target } = body as unknown as { target: JsonObject };
  expect(target.arguments).toEqual([{ input: "key" }, { value: 0 }, { value: 7 }]);
  expect(target.public).toEqual([{ start: 16, end: 32, reason: "why" }]);
});

test("an attack of another kind comes back as it was asked for", () => {
  const attack: JsonObject = { intermediate: "add", variables: ["plaintext", "key"], word_bytes: 4, plaintext: "plaintext", key: "key", window: "auto" };
  const body = bodyOf({ ...guessed(EMPTY, OFFER, "x.elf"), cpa: true });
  const filled = formOf({ ...body, cpa: { ...attack, mask: null, nonce: "nonce", counter: "counter" } } as JsonObject);

  expect(filled.cpaVariables).toBe("plaintext, key");
  expect(bodyOf(filled).cpa).toEqual(attack);
  expect(bodyOf({ ...filled, cpaIntermediate: "aes128-masked-sbox-output", cpaMask: "masks[0:16]" }).cpa).toMatchObject({ mask: "masks[0:16]" });
});

test("what cannot be a number is left to the farm to refuse", () => {
  expect(bodyOf({ ...EMPTY, traces: "many" }).traces).toBe("many");
  expect(submissionOf({ ...EMPTY, tags: "a, b,," }).tags).toEqual(["a", "b"]);
});

test("errors stand at their field, whichever call found them", () => {
  const form = guessed(EMPTY, OFFER, "x.elf");
  const problem = new Problem(422, { detail: "too short", field: "params.target.inputs.plaintext.symbol", errors: [] });

  expect(errorsOf(problem, form).get("target.inputs.1.symbol")).toBe("too short");
});

test("the rate is that of the last seconds, and nothing is said too early", () => {
  expect(rateOf([{ at: 0, done: 0 }])).toBeNull();
  expect(rateOf([{ at: 0, done: 10 }, { at: 2000, done: 210 }])).toBe(100);
});

test("inputs that part are written byte below byte, with the byte from which a long one is shown", () => {
  expect(partedLines({ input: "guess", offset: 0, one: "00", other: "a1" })).toEqual(["guess = 00", "      | a1"]);
  expect(partedLines({ input: "text", offset: 128, one: "00", other: "a1" })).toEqual(["text[128] = 00", "          | a1"]);
});
