import { expect, test } from "vitest";

import { SseParser, read } from "../src/api/sse";

const STREAM = 'retry: 1000\n\nid: 1-0\nevent: state\ndata: {"state": "queued"}\n\n: still here\n\nid: 2-0\nevent: done\ndata: {"a":\ndata: 1}\n\n';
const EVENTS = [
  { id: "1-0", name: "state", data: '{"state": "queued"}' },
  { id: "2-0", name: "done", data: '{"a":\n1}' },
];

test.each([1, 2, 3, 7, 1000])("a stream that comes in pieces of %i characters has the same events", (size) => {
  const parser = new SseParser();

  const events = STREAM.match(new RegExp(`[^]{1,${size}}`, "g"))?.flatMap((piece) => parser.push(piece));

  expect(events).toEqual(EVENTS);
  expect([parser.lastId, parser.retryMs]).toEqual(["2-0", 1000]);
});

test.each(["\r\n", "\r", "\n"])("lines may end with %j, also where a piece ends between its halves", (end) => {
  const parser = new SseParser();

  const events = [...STREAM.replaceAll("\n", end)].flatMap((piece) => parser.push(piece));

  expect(events).toEqual(EVENTS);
});

test("an event without a name is a message, one without data is none, and one that is cut is never told", () => {
  const parser = new SseParser();

  expect(parser.push("data:plain\n\nevent: nothing\n\nid: 9\ndata: cut\n")).toEqual([{ id: "", name: "message", data: "plain" }]);
});

test("an id with a zero byte and a retry that is no number are left out", () => {
  const parser = new SseParser();

  parser.push("id: a\0b\nretry: soon\n\n");

  expect([parser.lastId, parser.retryMs]).toEqual(["", null]);
});

test("a line without an end is refused before it fills the memory", () => {
  const parser = new SseParser();

  expect(() => Array.from({ length: 9 }, () => parser.push("x".repeat(2 ** 20)))).toThrow("too long");
});

test("characters that are cut in two arrive whole", async () => {
  const bytes = new TextEncoder().encode("data: ñ€😀\n\n");
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const byte of bytes) controller.enqueue(Uint8Array.of(byte));
      controller.close();
    },
  });

  const seen = [];
  for await (const event of read(body)) seen.push(event.data);

  expect(seen).toEqual(["ñ€😀"]);
});
