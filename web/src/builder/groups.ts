/** Groups and notes: they live in the layout of a document, so that runs know nothing of them. A group is one node
 * while it is closed, with the ports that cross its border, and a frame around what is in it while it is open. */
import type { Edge, Node } from "@vue-flow/core";
import type { Group, Pipeline, Point } from "./document";
import type { Edit } from "./edits";
import { nodesOf, placesOf, sizeOf, type NodeData, type Port, type Services } from "./graph";
import { around, homeOf, put, shutAround, stepsWithin } from "./nesting";

export const GROUPS = "groups";
export const NOTES = "notes";
export const groupNode = (id: string) => `${GROUPS}.${id}`;
export const noteNode = (id: string) => `${NOTES}.${id}`;
/** The id of the group or note behind a node; nothing for other nodes. */
export const idIn = (kind: string, node: string) =>
  node.startsWith(`${kind}.`) ? node.slice(kind.length + 1) : undefined;

/** How far a frame stands from what is in it, and the height of its title. */
export const [ROOM, HEAD] = [24, 44];
/** How large a note is that nobody made larger. */
export const NOTE_SIZE = { width: 220, height: 120 };
/** Frames lie below everything else, the inner ones on the outer ones. */
const BELOW = -100;

export interface View {
  nodes: Node<NodeData>[];
  edges: Edge[];
}

/** The graph as it is shown: closed groups as one node each, frames around open ones, notes. */
export function grouped(pipeline: Pipeline, { nodes, edges }: View): View {
  const { groups, notes } = pipeline.layout;
  if (!Object.keys(groups).length && !Object.keys(notes).length) return { nodes, edges };
  const index = new Map(nodes.map((node, at) => [node.id, at]));
  const homes = new Map(nodes.map((node) => [node.id, homeOf(groups, node.id)]));
  const members = new Map(
    Object.keys(groups).map((id) => {
      const steps = stepsWithin(groups, id).filter((step) => index.has(step));
      return [id, steps.map((step) => nodes[index.get(step)!]!)] as const;
    }),
  );

  /** What stands in a group, or in none: each group where the first of its steps is. */
  function branch(outer?: string): Node<NodeData>[] {
    const within = outer === undefined ? undefined : groupNode(outer);
    const inside = (node: Node<NodeData>) => (within ? { ...node, data: { ...node.data!, within } } : node);
    const own = nodes.filter((node) => homes.get(node.id) === outer);
    const inner = Object.keys(groups).filter((id) => around(groups, id)[0] === outer && members.get(id)!.length);
    const placed = [
      ...own.map((node) => [index.get(node.id)!, [node]] as const),
      ...inner.map((id) => [Math.min(...members.get(id)!.map((node) => index.get(node.id)!)), shell(id)] as const),
    ];
    return placed.sort(([one], [other]) => one - other).flatMap(([, [first, ...rest]]) => [inside(first!), ...rest]);
  }

  function shell(id: string): Node<NodeData>[] {
    const group = groups[id]!;
    if (group.closed) return [closed(id, group, members.get(id)!, edges)];
    const inside = branch(id);
    return [frame(id, group, members.get(id)!, inside, around(groups, id).length), ...inside];
  }

  const shut = new Map(nodes.map((node) => [node.id, shutAround(groups, node.id)]));
  return {
    nodes: [...branch(), ...Object.entries(notes).map(([id, note]) => noteOf(id, note))],
    edges: edges.flatMap((edge) => outer(edge, shut)),
  };
}

function outer(edge: Edge, shut: Map<string, string | undefined>): Edge[] {
  const [from, to] = [shut.get(edge.source), shut.get(edge.target)];
  if (from === undefined && to === undefined) return [edge];
  if (from === to) return [];
  return [
    {
      ...edge,
      ...(from !== undefined && { source: groupNode(from), sourceHandle: `${edge.source}.${edge.sourceHandle}` }),
      ...(to !== undefined && { target: groupNode(to), targetHandle: `${edge.target}.${edge.targetHandle}` }),
    },
  ];
}

function closed(id: string, group: Group, members: Node<NodeData>[], edges: Edge[]): Node<NodeData> {
  const own = new Map(members.map((node) => [node.id, node]));
  const port = (node: string, name: string, side: "inputs" | "outputs"): Port => {
    const known = own.get(node)?.data?.[side].find((each) => each.name === name);
    return { media: [], ...known, name: `${node}.${name}` };
  };
  const inputs = edges
    .filter((edge) => own.has(edge.target) && !own.has(edge.source))
    .map((edge) => port(edge.target, edge.targetHandle ?? "", "inputs"));
  const outputs = edges
    .filter((edge) => own.has(edge.source) && !own.has(edge.target))
    .map((edge) => port(edge.source, edge.sourceHandle ?? "", "outputs"));
  const once = (ports: Port[]) => [...new Map(ports.map((each) => [each.name, each])).values()];
  const data: NodeData = {
    ...common(group, members),
    inputs: once(inputs),
    outputs: once(outputs),
    problems: members.flatMap((node) => node.data!.problems),
  };
  return { id: groupNode(id), type: "group", position: cornerOf(members), data };
}

function frame(
  id: string,
  group: Group,
  members: Node<NodeData>[],
  inside: Node<NodeData>[],
  depth: number,
): Node<NodeData> {
  const corner = cornerOf(inside);
  const right = Math.max(...inside.map((node) => node.position.x + sizeOf(node).width));
  const bottom = Math.max(...inside.map((node) => node.position.y + sizeOf(node).height));
  const size = { width: right - corner.x + 2 * ROOM, height: bottom - corner.y + 2 * ROOM + HEAD };
  return {
    id: groupNode(id),
    type: "frame",
    position: { x: corner.x - ROOM, y: corner.y - ROOM - HEAD },
    zIndex: BELOW + depth,
    style: pixels(size),
    data: { ...common(group, members), inputs: [], outputs: [], problems: [] },
  };
}

const common = (group: Group, members: Node<NodeData>[]) => ({
  title: group.title,
  subtitle: members.map((node) => node.data!.title).join(", "),
  count: members.length,
  statuses: [...new Set(members.flatMap((node) => node.data!.state?.status ?? []))],
});

const cornerOf = (nodes: Node[]): Point => ({
  x: Math.min(...nodes.map((node) => node.position.x)),
  y: Math.min(...nodes.map((node) => node.position.y)),
});

function noteOf(id: string, { x, y, text, width, height }: Pipeline["layout"]["notes"][string]): Node<NodeData> {
  const title = text
    .trim()
    .split("\n")[0]!
    .replace(/^#+\s*/, "");
  const size = { width: width ?? NOTE_SIZE.width, height: height ?? NOTE_SIZE.height };
  const data = { title, subtitle: "", inputs: [], outputs: [], problems: [], text };
  return { id: noteNode(id), type: "note", position: { x, y }, data, style: pixels(size) };
}

const pixels = ({ width, height }: { width: number; height: number }) => ({
  width: `${width}px`,
  height: `${height}px`,
});

/** The steps that nodes stand for: a group stands for all those in it. */
export function stepsOf(pipeline: Pipeline, nodes: string[]): string[] {
  const { groups } = pipeline.layout;
  const within = (node: string) => {
    const id = idIn(GROUPS, node);
    return id === undefined ? [node] : stepsWithin(groups, id);
  };
  const known = new Set(pipeline.steps.map((step) => step.id));
  return [...new Set(nodes.flatMap(within))].filter((id) => known.has(id));
}

/** The groups among nodes, without those that stand in another one of them. */
export function groupsAmong(pipeline: Pipeline, nodes: string[]): string[] {
  const { groups } = pipeline.layout;
  const found = nodes.flatMap((node) => idIn(GROUPS, node) ?? []).filter((id) => id in groups);
  return found.filter((id) => !around(groups, id).some((outer) => found.includes(outer)));
}

/** The edit that puts steps and groups into a new group; they leave those that they were in. Nothing for nothing. */
export function groupOf(pipeline: Pipeline, nodes: string[], title: string): { id: string; edit: Edit } | undefined {
  const { groups } = pipeline.layout;
  const inner = groupsAmong(pipeline, nodes);
  const theirs = new Set(inner.flatMap((id) => stepsWithin(groups, id)));
  const alone = nodes.filter((node) => idIn(GROUPS, node) === undefined);
  const steps = stepsOf(pipeline, alone).filter((step) => !theirs.has(step));
  if (!steps.length && !inner.length) return undefined;
  const id = freeId("g", groups);
  return { id, edit: { type: "set-groups", groups: put(groups, id, title, steps, inner) } };
}

/** An id that is free: `g1`, `g2` … */
export function freeId(letter: string, taken: Record<string, unknown>): string {
  for (let number = 1; ; number++) if (!(`${letter}${number}` in taken)) return `${letter}${number}`;
}

/** Where everything that is shown stands. */
export const shownPlaces = (pipeline: Pipeline, services: Services): Map<string, Point> =>
  new Map(
    grouped(pipeline, { nodes: nodesOf(pipeline, services), edges: [] }).nodes.map((node) => [node.id, node.position]),
  );

/** The edit that moves nodes to places: a group takes what is in it along. */
export function movesTo(pipeline: Pipeline, services: Services, targets: Record<string, Point>): Edit {
  const [places, shown] = [placesOf(pipeline, services), shownPlaces(pipeline, services)];
  const { groups, notes } = pipeline.layout;
  const nodes: Record<string, Point> = {};
  const edits: Edit[] = [];
  for (const [node, to] of Object.entries(targets)) {
    const [group, note] = [idIn(GROUPS, node), idIn(NOTES, node)];
    if (note !== undefined && notes[note]) edits.push({ type: "set-note", id: note, note: { ...notes[note], ...to } });
    else if (group === undefined) nodes[node] = to;
    else {
      const from = shown.get(node) ?? to;
      for (const step of stepsWithin(groups, group)) {
        const at = places.get(step);
        if (at && !(step in targets)) nodes[step] = { x: at.x + to.x - from.x, y: at.y + to.y - from.y };
      }
    }
  }
  return { type: "all", edits: [...edits, { type: "move", nodes }] };
}
