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
  const { n, d, t, te } = useI18n();
  const unit = ([value, name]: [number, string]) =>
    n(value, { style: "unit", unit: name, unitDisplay: "short", maximumSignificantDigits: 3 });
  return {
    bytes: (value: number) => unit(sized(value)),
    seconds: (value: number) => unit(timed(value)),
    count: (value: number) => n(value),
    days: (value: number) => n(value, { style: "unit", unit: "day", unitDisplay: "long", maximumFractionDigits: 1 }),
    day: (at: number) => d(at * 1000, { dateStyle: "medium" }),
    share: (value: number) => n(value, { style: "percent", maximumFractionDigits: 1 }),
    /** A difference of two shares. */
    points: (value: number) => n(100 * value, { signDisplay: "exceptZero", maximumFractionDigits: 1 }),
    plain: (value: number, digits: number) =>
      n(value, { minimumFractionDigits: digits, maximumFractionDigits: digits }),
    /** A class of a model in the reader's words, if there is one. */
    label: (name: string) => (te(`genre.${name}`) ? t(`genre.${name}`) : name),
    /** A version by name, `music-style@3`; 0 is the one that comes with the service. */
    release: (model: string, number: number, exact = false) =>
      `${model}@${number || (exact ? "built-in" : t("operate.models.own"))}`.replace(/^@/, ""),
    moment: (at: number) => d(at * 1000, { dateStyle: "medium", timeStyle: "short" }),
  };
}
