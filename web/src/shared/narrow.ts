import { useMediaQuery } from "@vueuse/core";

/** Whether the window is as narrow as a phone, where pages are laid out otherwise. */
export const useNarrow = () => useMediaQuery("(max-width: 760px)");
