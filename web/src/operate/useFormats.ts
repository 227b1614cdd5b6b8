import { useI18n } from "vue-i18n";

const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"] as const;

/** The unit in which bytes are read best, and how many of it they are. */
export function sized(bytes: number): [number, (typeof UNITS)[number]] {
  const power = Math.min(UNITS.length - 1, bytes >= 1 ? Math.floor(Math.log10(bytes) / 3) : 0);
  return [bytes / 1000 ** power, UNITS[power]!];
}

/** The unit in which seconds are read best, and how many of it they are. */
export function timed(seconds: number): [number, "millisecond" | "second" | "minute" | "hour"] {
  if (seconds > 0 && seconds < 1) return [seconds * 1000, "millisecond"];
  if (seconds < 100) return [seconds, "second"];
  return seconds < 6000 ? [seconds / 60, "minute"] : [seconds / 3600, "hour"];
}

/** Figures as people read them, in their language. */
export function useFormats() {
  const { n, d } = useI18n();
  const unit = ([value, name]: [number, string]) =>
    n(value, { style: "unit", unit: name, unitDisplay: "short", maximumSignificantDigits: 3 });
  return {
    bytes: (value: number) => unit(sized(value)),
    seconds: (value: number) => unit(timed(value)),
    count: (value: number) => n(value),
    days: (value: number) => n(value, { style: "unit", unit: "day", unitDisplay: "long", maximumFractionDigits: 1 }),
    day: (at: number) => d(at * 1000, { dateStyle: "medium" }),
    moment: (at: number) => d(at * 1000, { dateStyle: "medium", timeStyle: "short" }),
  };
}
