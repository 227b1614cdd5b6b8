import { useLocalStorage } from "@vueuse/core";
import { computed, type WritableComputedRef } from "vue";

/** What is written on the covers of a song, kept in this browser. */
export interface Sleeve {
  title: string;
  artist: string;
}

const NONE: Sleeve = { title: "", artist: "" };
const sleeves = useLocalStorage<Record<string, Sleeve>>("halles-sleeves", {});

/** Title and artist of the song whose content has this hash: what changed of it later is the same song. */
export function useSleeve(song: () => string | undefined): WritableComputedRef<Sleeve> {
  return computed({
    get: () => sleeves.value[song() ?? ""] ?? NONE,
    set: (sleeve) => {
      const hash = song();
      if (hash) sleeves.value = { ...sleeves.value, [hash]: sleeve };
    },
  });
}
