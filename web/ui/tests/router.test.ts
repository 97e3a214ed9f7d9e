import { expect, test } from "vitest";

import { match } from "../src/router";

test("a pattern takes its parts from the path", () => {
  expect(match("/jobs/:id", "/jobs/a%20b")).toEqual({ id: "a b" });
  expect(match("/jobs", "/jobs/")).toEqual({});
  expect(match("/", "/")).toEqual({});
});

test.each(["/jobs", "/jobs/1/2", "/pools/1", "/jobs/", "/jobs/%E0%A4%A"])("%s is no job", (path) => {
  expect(match("/jobs/:id", path)).toBeNull();
});
