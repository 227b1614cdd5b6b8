import { computed } from "vue";
import { useRoute, useRouter } from "vue-router";
import { filterOf, queryOf, type Filter } from "./catalogue";

/** The filter, which is kept in the address: it can be shared, and the way back leads to it. */
export function useFilter() {
  const route = useRoute();
  const router = useRouter();
  const filter = computed(() => filterOf(route.query));
  const change = (part: Partial<Filter>) =>
    router.replace({ name: "market", query: queryOf({ ...filter.value, ...part }) });
  const clear = () => router.replace({ name: "market" });
  return { filter, change, clear };
}
