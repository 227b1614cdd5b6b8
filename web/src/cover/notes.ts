/** What is said of a song: its title, its artist, what is liked. It stands with its run on the server. */
import { useBroadcastChannel, useLocalStorage } from "@vueuse/core";
import { computed, ref, shallowRef, watch, type Ref } from "vue";
import { api, asked, Refusal, type Schemas } from "@/client/api";
import { onReturn } from "@/client/connection";
import type { Run } from "@/client/run";

export type Notes = Schemas["Notes"];
export interface Change {
  title?: string;
  artist?: string;
  liked?: Record<string, boolean>;
}

interface Said {
  run: string;
  notes: Notes;
}

const NONE: Notes = { title: "", artist: "", liked: [] };
/** What the server has not taken yet, by run. The browser keeps it, so that nothing is lost without a connection. */
const unsent = useLocalStorage<Record<string, Change>>("halles-notes", {});

/** The notes after a change. */
export function changed(notes: Notes, { liked = {}, ...said }: Change): Notes {
  const kept = notes.liked.filter((part) => liked[part] ?? true);
  const more = Object.keys(liked).filter((part) => liked[part] && !kept.includes(part));
  return { ...notes, ...said, liked: [...kept, ...more] };
}

/** What is still to be sent of a change after a part of it was. */
export function rest(change: Change, sent: Change): Change | undefined {
  const left: Change = {};
  for (const field of ["title", "artist"] as const)
    if (change[field] !== undefined && change[field] !== sent[field]) left[field] = change[field];
  const liked = Object.entries(change.liked ?? {}).filter(([part, on]) => sent.liked?.[part] !== on);
  if (liked.length) left.liked = Object.fromEntries(liked);
  return Object.keys(left).length ? left : undefined;
}

function keep(run: string, change: Change | undefined): void {
  const { [run]: _, ...others } = unsent.value;
  unsent.value = change ? { ...others, [run]: change } : others;
}

/** The notes of the run that is shown. A change is seen at once, here and in other tabs, and then sent. */
export function useNotes(run: Ref<Run | undefined>) {
  const known = shallowRef(NONE);
  const failure = ref<unknown>();
  const { data: heard, post } = useBroadcastChannel<Said, Said>({ name: "halles-notes" });
  const notes = computed(() => changed(known.value, unsent.value[run.value?.id ?? ""] ?? {}));
  /** Whether something waits for the connection. */
  const waiting = computed(() => failure.value instanceof Refusal && failure.value.status === 0);

  async function deliver(id: string): Promise<void> {
    for (let change = unsent.value[id]; change; change = unsent.value[id]) {
      const answer = await asked(
        api.PATCH("/runs/{run}/notes", { params: { path: { run: id } }, body: { liked: {}, ...change } }),
      );
      if (run.value?.id === id) known.value = answer;
      post({ run: id, notes: answer });
      keep(id, rest(unsent.value[id] ?? {}, change));
    }
  }
  let sending: Promise<void> | undefined;
  /** Send what is not sent yet. Raises `Refusal`. */
  async function saved(): Promise<void> {
    const id = run.value?.id;
    if (!id) return;
    try {
      await (sending ??= deliver(id));
      failure.value = undefined;
    } catch (problem) {
      failure.value = problem;
      // What is refused for good would be refused again: the page shows what holds.
      if (problem instanceof Refusal && [403, 404, 422].includes(problem.status)) keep(id, undefined);
      throw problem;
    } finally {
      sending = undefined;
    }
  }
  const send = () => void saved().catch(() => undefined); // It stands in `failure`.
  function note({ liked, ...said }: Change): void {
    const id = run.value!.id;
    const before = unsent.value[id] ?? {};
    keep(id, { ...before, ...said, ...(liked ? { liked: { ...before.liked, ...liked } } : {}) });
    send();
  }

  watch(
    () => run.value?.notes,
    (told) => {
      known.value = told ?? NONE;
      send();
    },
    { immediate: true },
  );
  watch(heard, (said) => {
    if (said?.run === run.value?.id) known.value = said!.notes;
  });
  onReturn(send);
  return { notes, note, saved, failure, waiting };
}

/** The name of a song by that of its file. */
export const nameOf = (file: string) =>
  file
    .replace(/\.[a-z0-9]{1,5}$/i, "")
    .replaceAll(/[_\s]+/g, " ")
    .trim();

/** What a song is called: as its cover says, else by its file. */
export const called = (run: Pick<Run, "title">, notes: Pick<Notes, "title">) =>
  // The server names all that was given, the wish for the voice, too.
  notes.title || nameOf(run.title.replace(/, (true|false)$/, ""));
