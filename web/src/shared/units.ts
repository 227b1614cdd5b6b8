import { useI18n } from "vue-i18n";

const SIZES = ["byte", "kilobyte", "megabyte", "gigabyte", "terabyte"] as const;

/** The unit in which bytes are read best, and how many of it they are. */
export function sized(bytes: number): [number, (typeof SIZES)[number]] {
  const power = Math.min(SIZES.length - 1, Math.floor(Math.log10(Math.max(bytes, 1)) / 3));
  return [bytes / 1000 ** power, SIZES[power]!];
}

/** The same of seconds; these units are written alike in every language. */
export function timed(seconds: number): [number, "ms" | "s" | "min" | "h"] {
  if (seconds > 0 && seconds < 1) return [seconds * 1000, "ms"];
  if (seconds < 100) return [seconds, "s"];
  return seconds < 6000 ? [seconds / 60, "min"] : [seconds / 3600, "h"];
}

/** Sizes and times as people read them, in their language. */
export function useUnits() {
  const { n } = useI18n();
  const digits = { maximumSignificantDigits: 3 };
  return {
    bytes: (count: number) => {
      const [value, unit] = sized(count);
      return n(value, { style: "unit", unit, unitDisplay: unit === "byte" ? "long" : "short", ...digits });
    },
    seconds: (count: number) => {
      const [value, unit] = timed(count);
      return `${n(value, digits)}\u00a0${unit}`;
    },
  };
}
