/** The list of runs, as far as it is a matter of runs and not of pages. */
import type { LocationQuery } from "vue-router";
import type { Schemas } from "@/client/api";

export type Head = Schemas["RunHead"];
export const STATES = ["pending", "running", "finished", "failed", "cancelled"] as const;
export const SPANS = { hour: 3600, day: 86_400, week: 7 * 86_400, month: 30 * 86_400 } as const;

export interface Filter {
  state?: (typeof STATES)[number];
  pipeline?: string;
  within?: keyof typeof SPANS;
  text?: string;
}

/** What an address asks for; what it cannot mean is left out. */
export function filterOf(query: LocationQuery): Filter {
  const said = (name: string) => (typeof query[name] === "string" && query[name]) || undefined;
  return {
    state: STATES.find((state) => state === query.state),
    pipeline: said("pipeline"),
    within: (Object.keys(SPANS) as (keyof typeof SPANS)[]).find((span) => span === query.within),
    text: said("text")?.slice(0, 200),
  };
}

/** The address of a filter: only what it says. */
export const queryOf = (filter: Filter) =>
  Object.fromEntries(Object.entries(filter).filter(([, value]) => value)) as Record<string, string>;

/** How the server is asked for it; `now` is in seconds since the epoch. */
export const asks = ({ state, pipeline, within, text }: Filter, now: number) => ({
  status: state,
  pipeline,
  text,
  since: within && now - SPANS[within],
});

const newer = (a: Head, b: Head) => b.created - a.created || (a.id < b.id ? 1 : -1);

/**
 * The list after the server was asked for its newest runs (`news`, of which there are `more` or not) and for those that
 * were `looked` at, by id. What is not told of any more is gone, or fits the filter no longer.
 */
export function refreshed(known: Head[], news: Head[], more: boolean, looked: string[], found: Head[], state?: string) {
  const fresh = new Map(
    [...found.filter((run) => !state || run.status === state), ...news].map((run) => [run.id, run]),
  );
  const asked = new Set(looked);
  const oldest = more ? news.at(-1) : undefined;
  const told = (run: Head) => asked.has(run.id) || !oldest || newer(run, oldest) <= 0;
  const before = new Set(known.map((run) => run.id));
  const kept = known.flatMap((run) => fresh.get(run.id) ?? (told(run) ? [] : [run]));
  const added = news.filter((run) => !before.has(run.id));
  return added.length ? [...added, ...kept].sort(newer) : kept;
}

/** What a run is about: as its owner says, else what was given. */
export const about = ({ notes, title }: Pick<Head, "notes" | "title">) =>
  [notes.title, notes.artist].filter(Boolean).join(" – ") || title;

/** How long a run took, or has taken so far, in seconds. */
export function took(run: Pick<Head, "begun" | "updated" | "status">, now: number): number | undefined {
  if (run.begun === null) return undefined;
  return Math.max(0, (run.status === "running" ? now : run.updated) - run.begun);
}
