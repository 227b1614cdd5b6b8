/** The canvas follows the document: only nodes and edges that changed are touched, however many there are. */
import type { Edge, Node, VueFlowStore } from "@vue-flow/core";
import { watch, type Ref } from "vue";

export interface Changes<Item> {
  gone: string[];
  fresh: Item[];
  changed: Item[];
}

/** What is different between two lists of things with an id. */
export function changesOf<Item extends { id: string }>(before: Map<string, Item>, now: Item[]): Changes<Item> {
  const ids = new Set(now.map((item) => item.id));
  return {
    gone: [...before.keys()].filter((id) => !ids.has(id)),
    fresh: now.filter((item) => !before.has(item.id)),
    changed: now.filter((item) => before.has(item.id) && !equal(before.get(item.id), item)),
  };
}

/** Whether two plain values say the same. Documents share what did not change, so this ends early. */
export function equal(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (typeof one !== "object" || typeof other !== "object" || !one || !other) return false;
  const [names, others] = [Object.keys(one), Object.keys(other)];
  if (names.length !== others.length || Array.isArray(one) !== Array.isArray(other)) return false;
  const value = (of: object, name: string) => (of as Record<string, unknown>)[name];
  return names.every((name) => name in other && equal(value(one, name), value(other, name)));
}

type Store = Pick<
  VueFlowStore,
  "nodes" | "edges" | "addNodes" | "addEdges" | "removeNodes" | "removeEdges" | "updateNode" | "findEdge"
>;

export function useSync(store: Store, nodes: Ref<Node[]>, edges: Ref<Edge[]>): void {
  /** A canvas that was left and is shown again still has what it had. */
  let shown = new Map<string, Node>(store.nodes.value.map((node) => [node.id, node]));
  let wires = new Map<string, Edge>(store.edges.value.map((edge) => [edge.id, edge]));

  function sync(): void {
    const boxes = changesOf(shown, nodes.value);
    const lines = changesOf(wires, edges.value);
    shown = new Map(nodes.value.map((node) => [node.id, node]));
    wires = new Map(edges.value.map((edge) => [edge.id, edge]));
    // An edge that leads elsewhere now is another one to the canvas.
    const moved = lines.changed.filter((edge) => {
      const old = store.findEdge(edge.id);
      return !old || old.source !== edge.source || old.target !== edge.target;
    });
    const stale = [...lines.gone, ...moved.map((edge) => edge.id)];
    if (stale.length) store.removeEdges(stale);
    if (boxes.gone.length) store.removeNodes(boxes.gone, false);
    if (boxes.fresh.length) store.addNodes(boxes.fresh);
    for (const node of boxes.changed) store.updateNode(node.id, node);
    const fresh = [...lines.fresh, ...moved];
    if (fresh.length) store.addEdges(fresh);
    for (const edge of lines.changed) Object.assign(store.findEdge(edge.id) ?? {}, edge);
  }

  watch([nodes, edges], sync, { immediate: true });
}
