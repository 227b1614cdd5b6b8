import type { Point } from "./document";

export type Direction = "ArrowLeft" | "ArrowRight" | "ArrowUp" | "ArrowDown";

export const STEPS: Record<Direction, Point> = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
};

/** The node that one sees next when one looks that way: near ahead, and not far aside. */
export function nextOf(places: Map<string, Point>, from: string, direction: Direction): string | undefined {
  const here = places.get(from);
  if (!here) return undefined;
  const way = STEPS[direction];
  let best: [score: number, id: string] | undefined;
  for (const [id, there] of places) {
    const [dx, dy] = [there.x - here.x, there.y - here.y];
    const ahead = dx * way.x + dy * way.y;
    if (id === from || ahead <= 0) continue;
    const score = ahead + 2 * Math.abs(dx * way.y + dy * way.x);
    if (!best || score < best[0]) best = [score, id];
  }
  return best?.[1];
}
