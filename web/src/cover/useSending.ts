import { ref } from "vue";
import { useRouter } from "vue-router";
import { begin, demo } from "./actions";
import { objection, type Objection } from "./preflight";

/** Sends a song, after a look at it, and goes to its page. What is wrong stays to be read. */
export function useSending() {
  const router = useRouter();
  /** The share that was sent; nothing while nothing is. */
  const sent = ref<number>();
  const error = ref<unknown>();
  const objected = ref<{ key: Objection; name: string }>();
  let last: (() => Promise<void>) | undefined;
  let broken: AbortController | undefined;

  async function attempt(action: () => Promise<void>): Promise<void> {
    last = action;
    [error.value, objected.value] = [undefined, undefined];
    try {
      await action();
    } catch (problem) {
      const stopped = problem instanceof DOMException && problem.name === "AbortError";
      error.value = stopped ? undefined : problem;
    } finally {
      sent.value = undefined;
    }
  }

  async function deliver(song: Blob, file: string, voice: boolean): Promise<void> {
    sent.value = 0;
    const against = await objection(song, file);
    if (against) {
      objected.value = { key: against, name: file };
      return;
    }
    broken = new AbortController();
    const run = await begin(song, file, voice, (share) => (sent.value = share), broken.signal);
    await router.push({ name: "song", params: { run } });
  }

  return {
    sent,
    error,
    objected,
    attempt,
    send: (song: Blob, file: string, voice: boolean) => attempt(() => deliver(song, file, voice)),
    sendDemo: (name: string, voice: boolean) => attempt(async () => deliver(await demo(), `${name}.opus`, voice)),
    again: () => last && attempt(last),
    stop: () => broken?.abort(),
  };
}
