import { expect, it } from "vitest";
import { columns, drawn, seed } from "./graph";

const node = (id: string, ...after: string[]) => ({ id, service: id, after });
const ids = (rows: ReturnType<typeof columns>) => rows.map((row) => row.map(({ id }) => id));

it("puts each step right of all that it needs", () => {
  const graph = [
    node("paint", "direct"),
    node("hear"),
    node("direct", "style", "read"),
    node("style"),
    node("read", "hear"),
  ];
  expect(ids(columns(graph))).toEqual([["hear", "style"], ["read"], ["direct"], ["paint"]]);
});
it("draws a draft whose steps need each other, or one that is not there", () => {
  expect(
    ids(columns([node("a", "b"), node("b", "a"), node("c", "gone")]))
      .flat()
      .sort(),
  ).toEqual(["a", "b", "c"]);
});
it("keeps the steps within the frame and apart from each other", () => {
  const { spots, radius, edges } = drawn([node("a"), node("b", "a"), node("c", "a"), node("d", "b", "c")], 360, 180);
  for (const { x, y } of spots) {
    expect(x - radius).toBeGreaterThanOrEqual(0);
    expect(x + radius).toBeLessThanOrEqual(360);
    expect(y - radius).toBeGreaterThanOrEqual(0);
    expect(y + radius).toBeLessThanOrEqual(180);
  }
  expect(edges).toHaveLength(4);
  expect(drawn([], 360, 180).spots).toEqual([]);
});
it("gives the same number to the same name", () => {
  expect(seed("whistle", 360)).toBe(seed("whistle", 360));
});
