import { useLocalStorage } from "@vueuse/core";
import { computed, type WritableComputedRef } from "vue";
import type { Run } from "@/client/run";
import { NO_LOCKS, type Locks } from "./wishes";

/** What this browser keeps of a song: what it is called, what is written on its covers, what is liked of them. */
export interface Notes {
  name: string;
  title: string;
  artist: string;
  locks: Locks;
}

const NONE: Notes = { name: "", title: "", artist: "", locks: NO_LOCKS };
/** The most songs of which notes are kept; those noted first are forgotten first. */
const MOST = 500;
const all = useLocalStorage<Record<string, Notes>>("halles-songs", {});

export const notesOf = (run: string): Notes => ({ ...NONE, ...all.value[run] });

export function note(run: string, change: Partial<Notes>): void {
  const kept = Object.entries(all.value).slice(-MOST);
  all.value = { ...Object.fromEntries(kept), [run]: { ...notesOf(run), ...change } };
}

/** The notes of a song, to be read and changed. */
export function useNotes(run: () => string): WritableComputedRef<Notes> {
  return computed({ get: () => notesOf(run()), set: (notes) => note(run(), notes) });
}

export function forget(run: string): void {
  const { [run]: _, ...others } = all.value;
  all.value = others;
}

/** The name of a song by that of its file. */
export const nameOf = (file: string) =>
  file
    .replace(/\.[a-z0-9]{1,5}$/i, "")
    .replaceAll(/[_\s]+/g, " ")
    .trim();

/** What a song is called: as its cover says, else as it was named here, else as the server knows it. */
export const called = (run: Pick<Run, "id" | "title">) => {
  const { title, name } = notesOf(run.id);
  // The server names all that was given, the wish for the voice, too.
  return title || name || nameOf(run.title.replace(/, (true|false)$/, ""));
};
