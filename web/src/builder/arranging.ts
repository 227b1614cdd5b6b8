/** Tidy places for everything that is shown, from the left to the right. */
import type { ElkNode } from "elkjs";
import type { Edge, Node } from "@vue-flow/core";
import type { Point } from "./document";
import { sizeOf, type NodeData } from "./graph";
import { HEAD, ROOM, type View } from "./groups";

const OPTIONS = {
  "elk.algorithm": "layered",
  "elk.direction": "RIGHT",
  "elk.hierarchyHandling": "INCLUDE_CHILDREN",
  "elk.layered.spacing.nodeNodeBetweenLayers": "48",
  "elk.layered.spacing.edgeNodeBetweenLayers": "16",
  "elk.spacing.nodeNode": "24",
};
const INSIDE = { "elk.padding": `[top=${HEAD + ROOM},left=${ROOM},bottom=${ROOM},right=${ROOM}]` };

/** The library is heavy: it is loaded when it is wanted, and works beside the page. */
export async function arranged({ nodes, edges }: View): Promise<Record<string, Point>> {
  const [{ default: Elk }, { default: Worker }] = await Promise.all([
    import("elkjs/lib/elk-api.js"),
    import("elkjs/lib/elk-worker.min.js?worker"),
  ]);
  const elk = new Elk({ workerFactory: () => new Worker() });
  const laid = await elk.layout(asked(nodes, edges));
  elk.terminateWorker();
  return Object.fromEntries(placesIn(laid, { x: 0, y: 0 }));
}

/** The graph as the library takes it: what stands in an open group is a child of it. Notes stay where they are. */
export function asked(nodes: Node<NodeData>[], edges: Edge[]): ElkNode {
  const within = (outer?: string): ElkNode[] =>
    nodes
      .filter((node) => node.data!.within === outer && node.type !== "note")
      .map((node) =>
        node.type === "frame"
          ? { id: node.id, layoutOptions: INSIDE, children: within(node.id) }
          : { id: node.id, ...sizeOf(node) },
      );
  const lines = edges.map((edge) => ({ id: edge.id, sources: [edge.source], targets: [edge.target] }));
  return { id: "root", layoutOptions: OPTIONS, children: within(), edges: lines };
}

/** Where everything stands that is no frame: a frame stands around what is in it. */
function placesIn(node: ElkNode, at: Point): [string, Point][] {
  return (node.children ?? []).flatMap((child): [string, Point][] => {
    const place = { x: at.x + (child.x ?? 0), y: at.y + (child.y ?? 0) };
    return child.children ? placesIn(child, place) : [[child.id, place]];
  });
}
