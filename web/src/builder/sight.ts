/** What of a graph comes into sight. */
import type { FitViewParams, VueFlowStore } from "@vue-flow/core";

/** All of a graph if it can be read so, else from where it begins, on its left. */
export async function fromItsBeginning(flow: VueFlowStore, readable: FitViewParams): Promise<void> {
  await flow.fitView(readable);
  const { x, y, zoom } = flow.viewport.value;
  const left = Math.min(0, ...flow.nodes.value.map((node) => node.computedPosition.x));
  if (left * zoom + x < 0) await flow.setViewport({ x: 24 - left * zoom, y, zoom });
}
