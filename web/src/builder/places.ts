import type { Pipeline, Point } from "./document";
import { placesOf } from "./graph";

/** Where the first step stands, and how far columns and rows of steps are apart. */
const FIRST = { x: 60, y: 140 };
const APART = { x: 240, y: 140 };

/** A place where nothing stands yet: right of everything, or right (or left) of a node. */
export function freePlace(pipeline: Pipeline, beside?: string, side: 1 | -1 = 1): Point {
  const places = [...placesOf(pipeline)];
  const near = places.find(([id]) => id === beside)?.[1];
  const right = Math.max(FIRST.x - APART.x, ...places.map(([, place]) => place.x));
  const at = near ? { x: near.x + side * APART.x, y: near.y } : { x: right + APART.x, y: FIRST.y };
  const taken = (y: number) => places.some(([, each]) => Math.abs(each.x - at.x) < 210 && Math.abs(each.y - y) < 130);
  while (taken(at.y)) at.y += APART.y;
  return at;
}
