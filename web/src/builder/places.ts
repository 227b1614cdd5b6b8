import type { Pipeline, Point } from "./document";
import { nodesOf, sizeOf, type Services } from "./graph";

/** Where the first step stands, and how far columns and rows of steps are apart. */
const FIRST = { x: 60, y: 140 };
const APART = { x: 240, y: 140 };
/** What room a new step takes, which may have many ports, and what stays free around it. */
const ROOM = { width: 210, height: 166, around: 12 };

/** A place where nothing stands yet: right of everything, or right (or left) of a node. */
export function freePlace(pipeline: Pipeline, services: Services, beside?: string, side: 1 | -1 = 1): Point {
  const boxes = nodesOf(pipeline, services).map((node) => ({ id: node.id, ...node.position, ...sizeOf(node) }));
  const near = boxes.find(({ id }) => id === beside);
  const right = Math.max(FIRST.x - APART.x, ...boxes.map(({ x }) => x));
  const at = near ? { x: near.x + side * APART.x, y: near.y } : { x: right + APART.x, y: FIRST.y };
  const beneath = boxes.filter(({ x }) => Math.abs(x - at.x) < ROOM.width);
  const taken = () =>
    beneath.some(({ y, height }) => at.y < y + height + ROOM.around && at.y + ROOM.height + ROOM.around > y);
  while (taken()) at.y += APART.y;
  return at;
}
