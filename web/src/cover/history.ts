/** The songs of somebody: what changed of one song is one entry. */
import { api, asked, type Schemas } from "@/client/api";
import { files, type Run } from "@/client/run";
import { PIPELINE } from "./actions";

type Head = Pick<Schemas["RunHead"], "id" | "parent">;

export interface Entry {
  /** The newest run of the song, as it stands. */
  run: Run;
  /** All of its runs, the newest first. */
  runs: string[];
  /** A cover to know it by, of the newest run that has one. */
  picture?: string;
}

/** The runs of each song, the newest first: those that go on from one another belong together. */
export function bySong<Each extends Head>(heads: readonly Each[]): Each[][] {
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

const view = (run: string) => asked(api.GET("/runs/{run}", { params: { path: { run } } }));
const cover = (run: Run) => files(run.outputs.cover)[0]?.url;

async function entry(heads: Schemas["RunHead"][]): Promise<Entry> {
  const run = await view(heads[0]!.id);
  const finished = heads.find((each) => each.status === "finished");
  const picture = cover(run) ?? (finished && cover(await view(finished.id)));
  return { run, runs: heads.map((each) => each.id), picture };
}

/** The newest songs, and how many more there are. */
export async function songs(most: number): Promise<{ items: Entry[]; more: number }> {
  const { items } = await asked(api.GET("/runs", { params: { query: { pipeline: PIPELINE, limit: 500 } } }));
  const found = bySong(items);
  return { items: await Promise.all(found.slice(0, most).map(entry)), more: Math.max(found.length - most, 0) };
}
