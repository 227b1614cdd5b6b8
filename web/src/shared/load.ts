import { shallowRef, watch, type WatchSource } from "vue";
import { Refusal } from "@/client/api";
import { onReturn } from "@/client/connection";

/**
 * What a page asked the server for: the answer, or what went wrong. It is asked anew when `when` changes, and by itself
 * when the server is there again that did not answer.
 */
export function useLoad<Data>(ask: () => Promise<Data>, when?: WatchSource) {
  const data = shallowRef<Data>();
  const error = shallowRef<unknown>();
  const loading = shallowRef(true);
  let latest = 0;

  async function load(): Promise<void> {
    const mine = ++latest;
    loading.value = true;
    try {
      const found = await ask();
      if (mine === latest) [data.value, error.value] = [found, undefined];
    } catch (problem) {
      if (mine === latest) error.value = problem;
    } finally {
      if (mine === latest) loading.value = false;
    }
  }

  onReturn(() => error.value instanceof Refusal && error.value.status === 0 && void load());
  if (when) watch(when, load);
  void load();
  return { data, error, loading, load };
}
