import { expect, it } from "vitest";
import { lastDays, roof, series, totals, type Used } from "./usage";

const used = (day: string, service: string, count: number, more: Partial<Used> = {}): Used => ({
  day,
  service,
  count,
  cached: 0,
  failed: 0,
  seconds: count / 2,
  bytes: 0,
  cost: null,
  ...more,
});
const DAYS = ["2026-11-21", "2026-11-22"];

it("counts days back from now, by UTC", () => {
  expect(lastDays(3, Date.parse("2026-03-01T00:30:00Z"))).toEqual(["2026-02-27", "2026-02-28", "2026-03-01"]);
});

it("puts each day of each key in its place, the greatest key first, and leaves out what was not used", () => {
  const rows = [used(DAYS[1]!, "a", 1), used(DAYS[0]!, "b", 2), used(DAYS[1]!, "b", 3), used(DAYS[1]!, "c", 0)];
  expect(series(rows, "service", "count", DAYS)).toEqual([
    { key: "b", days: [2, 3], sum: 5 },
    { key: "a", days: [0, 1], sum: 1 },
  ]);
});

it("takes together what would be too many colours", () => {
  const rows = ["a", "b", "c", "d"].map((name, index) => used(DAYS[0]!, name, 10 - index));
  expect(series(rows, "service", "count", DAYS, 3)).toEqual([
    { key: "a", days: [10, 0], sum: 10 },
    { key: "b", days: [9, 0], sum: 9 },
    { key: null, days: [15, 0], sum: 15 },
  ]);
});

it("sums what each key used, and costs only where something has a price", () => {
  const rows = [used(DAYS[0]!, "a", 2, { cost: 0.5 }), used(DAYS[1]!, "a", 3, { cost: 0.25 }), used(DAYS[1]!, "b", 9)];
  const [b, a] = totals(rows, "service");
  expect([b!.service, b!.cost, a!.service, a!.count, a!.cost]).toEqual(["b", null, "a", 5, 0.75]);
});

it.each([
  [0, 1],
  [7, 10],
  [12, 20],
  [40, 40],
  [41, 60],
  [0.03, 0.04],
])("draws up to %d under a roof of %d", (greatest, expected) => expect(roof(greatest)).toBeCloseTo(expected));
