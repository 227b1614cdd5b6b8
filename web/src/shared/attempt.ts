import { ref } from "vue";

/** What somebody asks the server to do: whether that is under way, and why it did not succeed. */
export function useAttempt() {
  const working = ref(false);
  const failure = ref<unknown>();
  async function attempt(action: () => Promise<unknown>): Promise<void> {
    [working.value, failure.value] = [true, undefined];
    try {
      await action();
    } catch (problem) {
      failure.value = problem;
    } finally {
      working.value = false;
    }
  }
  return { working, failure, attempt };
}
