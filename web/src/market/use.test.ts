import { expect, it } from "vitest";
import { daysOf } from "./use";

it("has a column for each day, also for those on which nothing happened", () => {
  const daily = [{ day: "2026-03-01", count: 4, cached: 1, failed: 1, mean_seconds: 2 }];
  const days = daysOf({ days: 3, daily }, new Date("2026-03-02T23:30:00Z"));
  expect(days.map(({ day, count }) => [day, count])).toEqual([
    ["2026-02-28", 0],
    ["2026-03-01", 4],
    ["2026-03-02", 0],
  ]);
});
