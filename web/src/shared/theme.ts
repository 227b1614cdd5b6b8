import { useDark, useToggle } from "@vueuse/core";

/** Dark or light: the system's choice until somebody makes another one. */
export const dark = useDark({
  storageKey: "halles-theme",
  attribute: "data-theme",
  valueDark: "dark",
  valueLight: "light",
});
export const toggleTheme = useToggle(dark);
