import { describe, expect, test } from "vitest";

import { patched } from "../src/views/ask/examples";
import { nameOf } from "../src/views/ask/ingest";
import { lineOf } from "../src/views/ask/lines";
import { csv, valueAt } from "../src/views/records/exports";
import { pieces } from "../src/views/records/pieces";
import type { Rem } from "../src/views/records/types";
import { contradict, figure, scaleOf, shown } from "../src/views/things/figures";
import { batchName } from "../src/views/things/titles";

describe("sentences of answers", () => {
  test("a list is parted at its colon and semicolons, and places in code stay whole", () => {
    const line = lineOf("Found 3 instructions: ldrb (aes.c:38); eor (aes.c:39); str (aes.c:40), and 2 more.");

    expect(line).toEqual({ lead: "Found 3 instructions:", items: ["ldrb (aes.c:38)", "eor (aes.c:39)", "str (aes.c:40), and 2 more."] });
  });

  test("a sentence that lists nothing stays one", () => {
    expect(lineOf("Yes. It helped: 156 got better; no finding is left.").items).toEqual([]);
  });

  test("two builds of one firmware are found in their order", () => {
    expect(patched(["aes build 8", "present build 3", "aes build 7"])).toEqual(["aes build 7", "aes build 8"]);
    expect(patched(["aes build 8", "present build 3"])).toBeNull();
  });
});

test.each([
  ["Ñandú (copy).pdf", "Nandu-copy.pdf"],
  ["../../etc/passwd", "etc-passwd"],
  ["<b>.md", "b.md"],
  ["日本語", "file"],
  ["a".repeat(300), "a".repeat(100)],
])("a file called %s is kept as %s, which a batch may be called", (file, name) => {
  expect(nameOf(file)).toBe(name);
  expect(nameOf(file)).toMatch(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/);
});

describe("figures", () => {
  test.each([
    ["avg_energy", 0.2143, "214.3 nJ"],
    ["avg_energy", 118_900, "118.9 mJ"],
    ["address", 0x0800_0238, "0x08000238"],
    ["max_abs_t", 81.857_197, "81.86"],
    ["tags", ",lab,a b,", "lab, a b"],
  ])("%s of %d reads %s", (name, value, text) => {
    expect(shown(name, value as number)).toBe(text);
  });

  test("side by side they have one unit", () => {
    expect(scaleOf("avg_energy", [0.5, 1500])).toEqual({ by: 1e3, unit: "mJ" });
    expect(figure(0)).toBe("0");
  });

  test("means contradict each other when their intervals are apart", () => {
    const of = (mean: number, sd: number, samples: number) => ({ mean, sd, samples });

    expect(contradict(of(118.9, 2.5, 12), of(309.8, 4.4, 12))).toBe(true);
    expect(contradict(of(118.9, 50, 12), of(130, 40, 12))).toBe(false);
    expect(contradict({ mean: 1, sd: null, samples: null }, of(9, 0.1, 5))).toBe(false);
    expect(contradict(of(1, 0.1, 2), of(1.5, 0.1, 2))).toBe(false);
  });

  test("batches are called by what they are called", () => {
    expect(batchName("measurements:board-1")).toBe("board-1");
    expect(batchName(`measurements:${"ab".repeat(16)}`)).toBe("abababab…");
  });
});

describe("records", () => {
  test("a table holds no formulas, and quotes what needs it", () => {
    expect(csv([["=1+1", -2.5, "-2", 'say "hi"', null, "a,b"]])).toBe(`'=1+1,-2.5,-2,"say ""hi""",,"a,b"\r\n`);
  });

  test("values are found by their path and nothing else is", () => {
    const rem = { qualia: { image: { width: 3 } } } as unknown as Rem;

    expect(valueAt(rem, "qualia.image.width")).toBe(3);
    expect(valueAt(rem, "qualia.audio.f0")).toBeUndefined();
    expect(valueAt(rem, "qualia.constructor")).toBeUndefined();
  });

  test("a text is cut where something begins or ends, by characters and not by units of UTF-16", () => {
    const text = "😀 I saw it yesterday. So";
    const rem = {
      stream: {
        text,
        clauses: [{ start: 2, end: 21, text: "I saw it yesterday.", experiential_score: 0.5 }],
        temporal_markers: [{ start: 11, end: 20, text: "yesterday", phase: "past" }],
      },
      anchors: [{ start: 4, end: 7, token: "saw", salience: 1 }],
    } as unknown as Rem;

    const cut = pieces(rem, 100);

    expect(cut.map((piece) => piece.text).join("")).toBe(text);
    expect(cut.find((piece) => piece.anchor)?.text).toBe("saw");
    expect(cut.find((piece) => piece.phase === "past")?.text).toBe("yesterday");
    expect(cut.filter((piece) => piece.score === 0.5).map((piece) => piece.text).join("")).toBe("I saw it yesterday.");
    expect(pieces(rem, 3).map((piece) => piece.text).join("")).toBe("😀 I");
  });
});
