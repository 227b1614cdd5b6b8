import type { Schemas } from "@/client/api";

export type Drift = Schemas["DriftReport"];
export type Trait = Schemas["TraitDrift"];

const GRAVITY = ["few", "like", "moved", "drifted"];

/** The trait that is furthest from the training, by its own limit; none while calls are few. */
export function worst({ traits }: Drift): Trait | undefined {
  const known = traits.filter((each) => each.verdict !== "few");
  return known.sort(
    (a, b) => GRAVITY.indexOf(b.verdict) - GRAVITY.indexOf(a.verdict) || b.index / b.limit - a.index / a.limit,
  )[0];
}

/** How many calls a candidate answered beside production, and what share of them in the same way. */
export function agreement({ shadow }: Drift): { calls: number; share: number } | undefined {
  const calls = Object.values(shadow).reduce((sum, count) => sum + count, 0);
  return calls ? { calls, share: (shadow.same ?? 0) / calls } : undefined;
}
