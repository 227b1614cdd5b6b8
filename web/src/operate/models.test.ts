import { expect, it } from "vitest";
import { improved, rival } from "./models";

it("knows which way is better", () => {
  expect(improved("accuracy", 0.7, 0.8)).toBe(true);
  expect(improved("ece", 0.02, 0.05)).toBe(false);
  expect(improved("megabytes", 4.5, 4.5)).toBeUndefined();
});

it("compares with production, else with the version before, else with another one", () => {
  expect(rival(3, 2, [1, 2, 3])).toBe(2);
  expect(rival(3, 3, [1, 2, 3])).toBe(2);
  expect(rival(1, 0, [1, 2])).toBe(2);
  expect(rival(1, 1, [1])).toBeUndefined();
});
