/** What is liked of the covers of a song, and what the art director is told of it. */
import type { Brief, Evidence, Idea } from "./song";

/** Parts of an idea that are decided one by one. */
export const FIELDS = ["subject", "scene", "light", "medium", "palette"] as const;
export type Field = (typeof FIELDS)[number];

export interface Locks {
  mood: boolean;
  /** By the number of the cover: all of it, or some of its fields. */
  covers: Record<number, "whole" | Field[]>;
}

/** The locks, as the notes of a run name them: `mood`, `covers[0]`, `covers[1].palette`. */
export function locksOf(liked: readonly string[]): Locks {
  const covers: Locks["covers"] = {};
  for (const part of liked) {
    const [, cover, field] = /^covers\[(\d+)\](?:\.(\w+))?$/.exec(part) ?? [];
    if (cover === undefined) continue;
    const at = Number(cover);
    const fields = covers[at] ?? [];
    if (!field) covers[at] = "whole";
    else if (fields !== "whole") covers[at] = FIELDS.filter((each) => each === field || fields.includes(each));
  }
  return { mood: liked.includes("mood"), covers };
}

/** The names of locks. */
export function likedOf(locks: Locks): string[] {
  const covers = Object.entries(locks.covers).flatMap(([cover, which]) =>
    which === "whole" ? [`covers[${cover}]`] : which.map((field) => `covers[${cover}].${field}`),
  );
  return [...(locks.mood ? ["mood"] : []), ...covers];
}

/** What is liked, and what not any more, after the locks were changed. */
export function turned(before: Locks, after: Locks): Record<string, boolean> {
  const [was, is] = [likedOf(before), likedOf(after)];
  const gone = was.filter((part) => !is.includes(part)).map((part) => [part, false] as const);
  return Object.fromEntries([
    ...gone,
    ...is.filter((part) => !was.includes(part)).map((part) => [part, true] as const),
  ]);
}

export interface Wishes {
  mood?: string;
  covers?: Partial<Idea>[];
  count?: number;
  draw?: number;
  evidence?: Evidence[];
}

export const isWhole = (locks: Locks, cover: number) => locks.covers[cover] === "whole";
export const isLocked = (locks: Locks, cover: number, field: Field) =>
  isWhole(locks, cover) || !!locks.covers[cover]?.includes(field);

/** The covers that come out of a run as they were before it: until it has a brief of its own, by what is locked. */
export function keptCovers(before: Brief | undefined, now: Brief | undefined, locks: Locks): number[] {
  const same = (idea: Idea, cover: number) => JSON.stringify(idea) === JSON.stringify(now?.ideas[cover]);
  const all = before?.ideas.map((idea, cover) => ({ cover, kept: now ? same(idea, cover) : isWhole(locks, cover) }));
  return all?.filter(({ kept }) => kept).map(({ cover }) => cover) ?? [];
}

/** The locks after a whole cover was liked, or is not any more. */
export const likedOrNot = (locks: Locks, cover: number): Locks => ({
  ...locks,
  covers: { ...locks.covers, [cover]: isWhole(locks, cover) ? [] : "whole" },
});

/** The locks after one field of a cover was locked, or opened. To open one of a whole cover leaves the others locked. */
export function fieldLocked(locks: Locks, cover: number, field: Field, on: boolean): Locks {
  const before = isWhole(locks, cover) ? FIELDS : ((locks.covers[cover] ?? []) as readonly Field[]);
  if (on && isWhole(locks, cover)) return locks;
  const fields = FIELDS.filter((each) => (each === field ? on : before.includes(each)));
  return { ...locks, covers: { ...locks.covers, [cover]: fields } };
}

/** What the art director is told: `all` keeps every cover as it is, else what is locked is kept. */
export function wished(brief: Brief, locks: Locks, more: Pick<Wishes, "count" | "draw"> & { all?: boolean }): Wishes {
  const { all, count, draw } = more;
  const covers = brief.ideas.map((idea, cover): Partial<Idea> => {
    if (all || isWhole(locks, cover)) return idea;
    return Object.fromEntries(FIELDS.filter((field) => isLocked(locks, cover, field)).map((key) => [key, idea[key]]));
  });
  const mood = locks.mood || all;
  const kept = (decision: string) => {
    if (decision === "mood") return mood;
    const [, cover, field] = /^ideas\[(\d+)\]\.(\w+)$/.exec(decision) ?? [];
    return cover !== undefined && field! in covers[Number(cover)]!;
  };
  return {
    ...(mood ? { mood: brief.mood } : {}),
    covers,
    count: count ?? brief.ideas.length,
    draw,
    evidence: brief.evidence.filter((each) => kept(each.decision)),
  };
}
