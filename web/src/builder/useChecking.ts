import { useDebounceFn } from "@vueuse/core";
import { shallowRef, watch, type Ref } from "vue";
import { api, asked, Refusal } from "@/client/api";
import type { Pipeline } from "./document";
import type { Problem } from "./graph";

/** What the server finds wrong with a document. */
export const verdict = (document: Pipeline) =>
  asked(api.POST("/pipelines/check", { body: document as never })).then((found) => found.problems);

/** The problems of the document as it is edited. */
export function useChecking(pipeline: Readonly<Ref<Pipeline>>) {
  const problems = shallowRef<Problem[]>([]);
  const error = shallowRef<unknown>();

  async function checkNow(): Promise<void> {
    const document = pipeline.value;
    try {
      const found = await verdict(document);
      if (document === pipeline.value) problems.value = found;
      error.value = undefined;
    } catch (refusal) {
      if (refusal instanceof Refusal && refusal.problems.length) problems.value = refusal.problems;
      else error.value = refusal;
    }
  }
  const check = useDebounceFn(checkNow, 250);
  watch(pipeline, check, { immediate: true });

  return { problems, error, check, checkNow };
}
