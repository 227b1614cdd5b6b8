import { useI18n } from "vue-i18n";
import { useUnits } from "@/shared/units";

/** Figures as people read them, in their language. */
export function useFormats() {
  const { n, d, t, te } = useI18n();
  return {
    ...useUnits(),
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
