/** What pipelines and services are called, by their short names. */
import { computed } from "vue";
import { api, asked } from "@/client/api";
import { useLoad } from "@/shared/load";
import { useSentences } from "@/shared/sentences";

/** What services are called. */
export function useServiceNames() {
  const { say } = useSentences();
  const { data } = useLoad(
    async () => (await asked(api.GET("/services", { params: { query: { limit: 500 } } }))).items,
  );
  const known = computed(() => new Map(data.value?.map((each) => [each.slug, each.name])));
  return (slug: string) => say(known.value.get(slug) ?? slug);
}

/** What the pipeline of one service alone is called, before its name. */
const CALL = "call-";

export function usePipelineNames() {
  const { say } = useSentences();
  const serviceOf = useServiceNames();
  const { data } = useLoad(
    async () => (await asked(api.GET("/pipelines", { params: { query: { limit: 100 } } }))).items,
  );
  const known = computed(() => new Map(data.value?.map((each) => [each.slug, say(each.name || each.slug)])));
  const nameOf = (slug: string) =>
    known.value.get(slug) ?? (slug.startsWith(CALL) ? serviceOf(slug.slice(CALL.length)) : slug);
  return { pipelines: known, nameOf };
}
