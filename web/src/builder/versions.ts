/** Two versions of a document as one graph, with what came, what went and what is different. */
import type { Edge, Node } from "@vue-flow/core";
import type { Schemas } from "@/client/api";
import { inputNode, outputNode, type Pipeline } from "./document";
import { apply } from "./edits";
import { edgesOf, nodesOf, type NodeData, type Service } from "./graph";

export type Change = Schemas["Change"];
export type Mark = "added" | "removed" | "changed";
export interface Compared {
  nodes: Node<NodeData & { mark?: Mark }>[];
  edges: Edge[];
}

const ADDED = new Set(["step-added", "input-added"]);
const REMOVED = new Set(["step-removed", "input-removed"]);

/** What a change does to what it is about. */
export function markOf(change: Change): Mark {
  if (ADDED.has(change.kind) || (change.kind !== "about" && change.old === null)) return "added";
  return REMOVED.has(change.kind) || (change.kind !== "about" && change.new === null) ? "removed" : "changed";
}

/** The node that a change is at, if it is at one. */
export function nodeOfChange({ kind, step, name }: Change): string | undefined {
  if (step) return step;
  if (!name) return undefined;
  return kind.startsWith("input") ? inputNode(name) : kind === "output" ? outputNode(name) : undefined;
}

/** The newer document with what is gone of the older one still in it, everything marked. */
export function compared(
  old: Pipeline | undefined,
  now: Pipeline,
  changes: Change[],
  services: Map<string, Service>,
): Compared {
  const before = old && renamed(old, changes);
  const marks = new Map<string, Mark>();
  for (const change of changes) {
    const node = nodeOfChange(change);
    const whole = ADDED.has(change.kind) || REMOVED.has(change.kind) || (change.kind === "output" && !change.step);
    if (node && (whole || !marks.has(node))) marks.set(node, whole ? markOf(change) : "changed");
  }
  const all = before ? together(before, now) : now;
  const class_ = (edge: Edge, mark?: Mark): Edge => ({ ...edge, class: `${edge.class as string} ${mark ?? ""}` });
  const [was, is] = [before ? edgesOf(before, services) : [], edgesOf(now, services)];
  const known = new Set(was.map((edge) => edge.id));
  const there = new Set(is.map((edge) => edge.id));
  return {
    nodes: nodesOf(all, services).map((node) => ({ ...node, data: { ...node.data!, mark: marks.get(node.id) } })),
    edges: [
      ...is.map((edge) => class_(edge, before && !known.has(edge.id) ? "added" : undefined)),
      ...was.filter((edge) => !there.has(edge.id)).map((edge) => class_(edge, "removed")),
    ],
  };
}

/** The older document with its steps called as they are in the newer one. */
const renamed = (old: Pipeline, changes: Change[]): Pipeline =>
  changes
    .filter(({ kind }) => kind === "step-renamed")
    .reduce(
      (document, change) => apply(document, { type: "rename-step", step: String(change.old), to: change.step! }),
      old,
    );

/** Both documents as one: the newer counts where both say something. */
function together(old: Pipeline, now: Pipeline): Pipeline {
  const there = new Set(now.steps.map((step) => step.id));
  return {
    ...now,
    inputs: { ...old.inputs, ...now.inputs },
    outputs: { ...old.outputs, ...now.outputs },
    steps: [...now.steps, ...old.steps.filter((step) => !there.has(step.id))],
    layout: { ...now.layout, nodes: { ...old.layout.nodes, ...now.layout.nodes } },
  };
}
