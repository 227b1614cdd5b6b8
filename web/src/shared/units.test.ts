import { expect, it } from "vitest";
import { sized, timed } from "./units";

it("says sizes and times in the unit in which they are read best", () => {
  expect(sized(0)).toEqual([0, "byte"]);
  expect(sized(640)).toEqual([640, "byte"]);
  expect(sized(1_500_000)).toEqual([1.5, "megabyte"]);
  expect(sized(2e15)).toEqual([2000, "terabyte"]);
  expect(timed(0.25)).toEqual([250, "ms"]);
  expect(timed(90)).toEqual([90, "s"]);
  expect(timed(7200)).toEqual([2, "h"]);
});
