import { expect, it } from "vitest";
import { layered } from "./layers";

const placed = (nodes: Record<string, string[]>) =>
  Object.fromEntries(
    [...layered(Object.entries(nodes).map(([id, reads]) => ({ id, reads })))].map(([id, { column, row }]) => [
      id,
      [column, row],
    ]),
  );

it("puts each node behind all that it reads", () => {
  expect(placed({ song: [], voice: ["song"], words: ["voice"], style: ["song"], brief: ["style", "words"] })).toEqual({
    song: [0, 0],
    voice: [1, 0],
    style: [1, 1],
    words: [2, 0],
    brief: [3, 1],
  });
});
it("gives no two nodes one place", () => {
  const many = Object.fromEntries(Array.from({ length: 300 }, (_, at) => [`n${at}`, at < 10 ? [] : [`n${at - 10}`]]));
  const places = Object.values(placed(many)).map(String);
  expect(new Set(places).size).toBe(300);
});
it("does not turn in a circle", () => {
  expect(Object.keys(placed({ a: ["b"], b: ["a"] }))).toHaveLength(2);
});
