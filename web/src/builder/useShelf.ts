import { useDocumentVisibility, useEventListener, useIntervalFn } from "@vueuse/core";
import { api, asked } from "@/client/api";
import { equal } from "./sync";
import type { Editing } from "./useEditing";

/** How often it is asked whether services came, went or are of another version, in milliseconds. */
const EVERY = 8_000;

/** All services that are here now. */
export const shelf = async () => (await asked(api.GET("/services", { params: { query: { limit: 500 } } }))).items;

/** Keeps the services as they are while the page is open; `changed` is told when one came, went or is another. */
export function useShelf({ services }: Editing, changed: () => void) {
  const visibility = useDocumentVisibility();
  let asking = false;

  async function look(): Promise<void> {
    if (asking || visibility.value === "hidden" || !services.value.size) return;
    asking = true;
    try {
      const now = new Map((await shelf()).map((service) => [service.slug, service]));
      if (equal([...now.values()], [...services.value.values()])) return;
      services.value = now;
      changed();
    } catch {
      // That the connection is lost is told for the whole page; it is asked again.
    } finally {
      asking = false;
    }
  }
  useIntervalFn(look, EVERY);
  useEventListener(window, "focus", look);
}
