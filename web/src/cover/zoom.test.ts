import { expect, it } from "vitest";
import { LARGEST, moved, WHOLE, within, zoomed } from "./zoom";

it("keeps the point that is zoomed at where it is", () => {
  const { scale, x, y } = zoomed(WHOLE, 2, 400, { x: 100, y: -50 });
  // What lay at (100, -50) lies at scale × (100, -50) + (x, y) now.
  expect([scale * 100 + x, scale * -50 + y]).toEqual([100, -50]);
});
it("is never smaller than whole, and never larger than makes sense", () => {
  expect(zoomed(WHOLE, 0.1, 400)).toEqual(WHOLE);
  expect(zoomed(WHOLE, 100, 400).scale).toBe(LARGEST);
});
it("cannot be moved out of its window", () => {
  expect(moved({ scale: 2, x: 0, y: 0 }, 9999, -9999, 400)).toEqual({ scale: 2, x: 200, y: -200 });
  expect(within({ scale: 1, x: 80, y: 80 }, 400)).toEqual(WHOLE);
});
