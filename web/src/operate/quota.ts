/** The quotas, how each is read, and in which unit it is set. */
import type { Schemas } from "@/client/api";

export type Quota = Schemas["Quota"];
type Format = "count" | "bytes" | "seconds";

export const QUOTAS: { name: keyof Quota; format: Format; unit: number; whole: boolean }[] = [
  { name: "runs_a_day", format: "count", unit: 1, whole: true },
  { name: "runs_queued", format: "count", unit: 1, whole: true },
  { name: "stored_bytes", format: "bytes", unit: 1e6, whole: true },
  { name: "compute_seconds_a_day", format: "seconds", unit: 60, whole: false },
];

/** What stands in the fields: megabytes and minutes; empty is without limit. */
export const fieldsOf = (quota: Quota): Record<string, string> =>
  Object.fromEntries(QUOTAS.map(({ name, unit }) => [name, quota[name] == null ? "" : String(quota[name]! / unit)]));

/** The quota that the fields say. */
export const quotaOf = (fields: Record<string, string | number>): Quota =>
  Object.fromEntries(
    QUOTAS.map(({ name, unit, whole }) => {
      const text = String(fields[name] ?? "").trim();
      const value = Number(text) * unit;
      return [name, text === "" ? null : whole ? Math.round(value) : value];
    }),
  );
