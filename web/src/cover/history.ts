/** The songs of somebody: what changed of one song is one entry. */
import { api, asked, type Schemas } from "@/client/api";
import { done } from "@/client/run";
import { PIPELINE } from "./actions";

type Head = Schemas["RunHead"];

export interface Entry {
  /** The newest run of the song. */
  run: Head;
  /** All of its runs, the newest first. */
  runs: string[];
  /** A cover to know it by, of the newest run that has one: its hash. */
  picture?: string;
}

/** The runs of each song, the newest first: those that go on from one another belong together. */
export function bySong<Each extends Pick<Head, "id" | "parent">>(heads: readonly Each[]): Each[][] {
  const parents = new Map(heads.map((head) => [head.id, head.parent]));
  const first = (id: string): string => {
    const parent = parents.get(id);
    return parent ? first(parent) : id;
  };
  const songs = new Map<string, Each[]>();
  for (const head of heads) {
    const song = first(head.id);
    songs.set(song, [...(songs.get(song) ?? []), head]);
  }
  return [...songs.values()];
}

/** The songs of runs. Those that ended without a cover stand behind the others. */
export function entries(heads: readonly Head[]): Entry[] {
  const all = bySong(heads).map((runs): Entry => ({
    run: runs[0]!,
    runs: runs.map((each) => each.id),
    picture: runs.find((each) => each.picture)?.picture ?? undefined,
  }));
  const shown = (each: Entry) => !!each.picture || !done(each.run);
  return [...all.filter(shown), ...all.filter((each) => !shown(each))];
}

/** The newest songs. */
export async function songs(): Promise<Entry[]> {
  const { items } = await asked(api.GET("/runs", { params: { query: { pipeline: PIPELINE, limit: 500 } } }));
  return entries(items);
}
