import { describe, expect, test } from "vitest";

import { arrange, share } from "../src/views/graph/layout";
import { MOST, grown, nothing, severities } from "../src/views/graph/shown";
import type { Neighbour, Neighbourhood, Relation } from "../src/views/things/types";

const star = (leaves: number): [string[], [string, string][]] => {
  const ids = Array.from({ length: leaves }, (_, at) => `leaf-${at}`);
  return [["root", ...ids], ids.map((id) => ["root", id])];
};

describe("places in the drawing", () => {
  test("the same things stand in the same places, whatever chance says", () => {
    const [ids, edges] = star(20);

    const [first, second] = [arrange(ids, edges), arrange(ids, edges)];

    expect([...first]).toEqual([...second]);
  });

  test("no two things stand on each other", () => {
    const places = [...arrange(...star(60)).values()];

    const nearest = places.flatMap((one, at) => places.slice(at + 1).map((other) => Math.hypot(one.x - other.x, one.y - other.y)));

    expect(Math.min(...nearest)).toBeGreaterThan(40);
  });

  test("what stood somewhere stays there when things are added", () => {
    const [ids, edges] = star(5);
    const before = arrange(ids, edges);

    const after = arrange([...ids, "new"], [...edges, ["leaf-1", "new"]], before);

    for (const id of ids) expect(after.get(id)).toEqual(before.get(id));
    expect(after.get("new")).toBeDefined();
  });

  test("a share lies between 0 and 1 and belongs to its text", () => {
    expect(share("a")).toBe(share("a"));
    expect(share("a")).not.toBe(share("b"));
    expect(share("")).toBeLessThan(1);
  });
});

const thing = (id: string, distance: number, properties = {}): Neighbour => ({ id, label: "Instruction", properties, distance });
const relation = (source: string, target: string, kind = "PART_OF", properties = {}): Relation => ({ kind, source, target, properties });
const around = (id: string, count: number, truncated = false): Neighbourhood => ({
  things: [thing(id, 0), ...Array.from({ length: count }, (_, at) => thing(`${id}-${at}`, 1))],
  relations: Array.from({ length: count }, (_, at) => relation(`${id}-${at}`, id)),
  truncated,
});

describe("the part that is shown", () => {
  test("it grows by what is around a thing, each thing once, hops counted from the start", () => {
    const first = grown(nothing("a"), "a", around("a", 2));

    const second = grown(first, "a-0", { things: [thing("a-0", 0), thing("a", 1), thing("b", 1)], relations: [], truncated: true });

    expect([...second.things].map(([id, { distance }]) => [id, distance])).toEqual([["a", 0], ["a-0", 1], ["a-1", 1], ["b", 2]]);
    expect([...second.expanded]).toEqual(["a", "a-0"]);
    expect([...second.cut]).toEqual(["a-0"]);
  });

  test("it never holds more than a drawing can, and says how much it left out", () => {
    const shown = grown(nothing("a"), "a", around("a", MOST + 40));

    expect(shown.things.size).toBe(MOST);
    expect(shown.left).toBe(41);
    expect([...shown.relations.values()].every(({ source }) => shown.things.has(source))).toBe(true);
  });

  test("a thing is as severe as the worst that it leaks by", () => {
    const near: Neighbourhood = {
      things: [thing("i", 0), thing("v", 1, { severity: "low" }), thing("w", 1, { severity: "critical" }), thing("x", 1, { severity: "none of ours" })],
      relations: [relation("i", "v", "LEAKS_INFORMATION", { severity: "low" }), relation("i", "w", "LEAKS_INFORMATION")],
      truncated: false,
    };

    const worst = severities(grown(nothing("i"), "i", near));

    expect([...worst].toSorted()).toEqual([["i", "critical"], ["v", "low"], ["w", "critical"]]);
  });
});
