import { useI18n } from "vue-i18n";

/** A measured figure as the reader's language writes it. */
export function useFigure() {
  const { n } = useI18n();
  return ({ value, unit }: { value: number; unit?: string }) =>
    [n(value, { maximumFractionDigits: 3 }), unit].filter(Boolean).join("\u00a0");
}
