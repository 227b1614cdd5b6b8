/** Sums of use, made ready for a chart and a table. */
import type { Schemas } from "@/client/api";

export type Used = Schemas["Used"];
export type Split = "service" | "pipeline" | "owner";
export type Measure = "count" | "seconds" | "cost";

/** What one key used: a figure for each day. The key of all the others together is null. */
export interface Series {
  key: string | null;
  days: number[];
  sum: number;
}

const DAY_MS = 86_400_000;

/** The last days up to now, as UTC has them: `2026-11-22`. */
export function lastDays(count: number, now: number): string[] {
  return Array.from({ length: count }, (_, index) =>
    new Date(now - (count - 1 - index) * DAY_MS).toISOString().slice(0, 10),
  );
}

/** The keys that used most, the greatest first, and the others as one. */
export function series(rows: Used[], split: Split, measure: Measure, days: string[], most = 6): Series[] {
  const place = new Map(days.map((day, index) => [day, index]));
  const found = new Map<string, Series>();
  for (const row of rows) {
    const index = place.get(row.day ?? "");
    if (index === undefined) continue;
    const key = row[split] ?? "";
    const own = found.get(key) ?? { key, days: days.map(() => 0), sum: 0 };
    own.days[index]! += row[measure] ?? 0;
    own.sum += row[measure] ?? 0;
    found.set(key, own);
  }
  const sorted = [...found.values()].filter((each) => each.sum > 0).sort((a, b) => b.sum - a.sum);
  if (sorted.length <= most) return sorted;
  const rest = sorted.slice(most - 1);
  const others = {
    key: null,
    days: days.map((_, index) => rest.reduce((sum, each) => sum + each.days[index]!, 0)),
    sum: rest.reduce((sum, each) => sum + each.sum, 0),
  };
  return [...sorted.slice(0, most - 1), others];
}

/** What each key used in all, the most calls first. */
export function totals(rows: Used[], split: Split): Used[] {
  const found = new Map<string, Used>();
  for (const row of rows) {
    const key = row[split] ?? "";
    const own = found.get(key) ?? { [split]: key, count: 0, cached: 0, failed: 0, seconds: 0, bytes: 0, cost: null };
    for (const name of ["count", "cached", "failed", "seconds", "bytes"] as const) own[name] += row[name];
    if (row.cost !== null && row.cost !== undefined) own.cost = (own.cost ?? 0) + row.cost;
    found.set(key, own);
  }
  return [...found.values()].sort((a, b) => b.count - a.count);
}

/** The round figure just above the greatest, for the top of a chart; it and its half are written at the side. */
export function roof(greatest: number): number {
  if (greatest <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(greatest));
  return [1, 2, 4, 6, 10].map((step) => step * power).find((step) => step >= greatest) ?? 10 * power;
}
