import type { Schemas } from "@/client/api";

type Day = Schemas["DayOfUse"];
const DAY_MS = 86_400_000;

/** All days that use is told of, those without any too; the last one is today, as the server counts days. */
export function daysOf(use: Pick<Schemas["Use"], "days" | "daily">, today = new Date()): Day[] {
  const known = new Map((use.daily ?? []).map((each) => [each.day, each]));
  return Array.from({ length: use.days }, (_, index) => {
    const day = new Date(today.getTime() - (use.days - 1 - index) * DAY_MS).toISOString().slice(0, 10);
    return known.get(day) ?? { day, count: 0, cached: 0, failed: 0, mean_seconds: null };
  });
}
