/** Groups and notes: they live in the layout of a document, so that runs know nothing of them. A group is one node
 * while it is closed, with the ports that cross its border, and a frame around its steps while it is open. */
import type { Edge, Node } from "@vue-flow/core";
import type { Edit, Group, Pipeline, Point } from "./document";
import { placesOf, sizeOf, type NodeData, type Port } from "./graph";

export const GROUPS = "groups";
export const NOTES = "notes";
export const groupNode = (id: string) => `${GROUPS}.${id}`;
export const noteNode = (id: string) => `${NOTES}.${id}`;
/** The id of the group or note behind a node; nothing for other nodes. */
export const idIn = (kind: string, node: string) =>
  node.startsWith(`${kind}.`) ? node.slice(kind.length + 1) : undefined;

/** How far a frame stands from what is in it, and the height of its title. */
const [ROOM, HEAD] = [24, 44];
/** How large a note is that nobody made larger. */
export const NOTE_SIZE = { width: 220, height: 120 };

interface View {
  nodes: Node<NodeData>[];
  edges: Edge[];
}

/** The graph as it is shown: closed groups as one node each, frames around open ones, notes. */
export function grouped(pipeline: Pipeline, { nodes, edges }: View): View {
  const { groups, notes } = pipeline.layout;
  if (!Object.keys(groups).length && !Object.keys(notes).length) return { nodes, edges };
  const inside = new Map<string, string>();
  for (const [id, group] of Object.entries(groups))
    if (group.closed) for (const step of group.steps) inside.set(step, id);
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const members = (group: Group) => group.steps.flatMap((step) => byId.get(step) ?? []);
  const shells = Object.entries(groups).flatMap(([id, group]) => {
    if (!members(group).length) return [];
    return [group.closed ? closed(id, group, members(group), byId, edges) : frame(id, group, members(group))];
  });
  const homes = new Map(
    Object.entries(groups).flatMap(([id, group]) => group.steps.map((step) => [step, id] as const)),
  );
  const shown = nodes.filter((node) => !inside.has(node.id));
  const at = (id: string) => shells.find((shell) => shell.id === groupNode(id))!;
  return {
    nodes: [
      ...inOrder(shown, homes, at),
      ...shells.filter((shell) => shell.type === "group"),
      ...Object.entries(notes).map(([id, note]) => noteOf(id, note)),
    ],
    edges: edges.flatMap((edge) => outer(edge, inside)),
  };
}

/** Nodes with the frame of each group before the first that stands in it. */
function inOrder(nodes: Node<NodeData>[], homes: Map<string, string>, at: (id: string) => Node<NodeData>) {
  const begun = new Set<string>();
  const grouped = nodes.filter((node) => homes.has(node.id));
  return nodes.flatMap((node) => {
    const home = homes.get(node.id);
    if (home === undefined) return [node];
    if (begun.has(home)) return [];
    begun.add(home);
    return [at(home), ...grouped.filter((each) => homes.get(each.id) === home)];
  });
}

function outer(edge: Edge, inside: Map<string, string>): Edge[] {
  const [from, to] = [inside.get(edge.source), inside.get(edge.target)];
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

function closed(id: string, group: Group, members: Node<NodeData>[], byId: Map<string, Node<NodeData>>, edges: Edge[]) {
  const own = new Set(group.steps);
  const port = (node: string, name: string, side: "inputs" | "outputs"): Port => {
    const known = byId.get(node)?.data?.[side].find((each) => each.name === name);
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

function frame(id: string, group: Group, members: Node<NodeData>[]): Node<NodeData> {
  const corner = cornerOf(members);
  const right = Math.max(...members.map((node) => node.position.x + sizeOf(node).width));
  const bottom = Math.max(...members.map((node) => node.position.y + sizeOf(node).height));
  return {
    id: groupNode(id),
    type: "frame",
    position: { x: corner.x - ROOM, y: corner.y - ROOM - HEAD },
    zIndex: -1,
    style: { width: `${right - corner.x + 2 * ROOM}px`, height: `${bottom - corner.y + 2 * ROOM + HEAD}px` },
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

/** The steps that nodes stand for: a group stands for those in it. */
export function stepsOf(pipeline: Pipeline, nodes: string[]): string[] {
  const all = nodes.flatMap((node) => pipeline.layout.groups[idIn(GROUPS, node) ?? ""]?.steps ?? [node]);
  const known = new Set(pipeline.steps.map((step) => step.id));
  return [...new Set(all)].filter((id) => known.has(id));
}

/** The edit that puts steps into a new group; they leave those that they were in. */
export function groupOf(pipeline: Pipeline, steps: string[], title: string): { id: string; edit: Edit } {
  const { groups } = pipeline.layout;
  const id = freeId("g", groups);
  const gone = new Set(steps);
  const left: Edit[] = Object.entries(groups)
    .filter(([, group]) => group.steps.some((step) => gone.has(step)))
    .map(([other, group]) => {
      const rest = group.steps.filter((step) => !gone.has(step));
      return { type: "set-group", id: other, group: rest.length ? { ...group, steps: rest } : null };
    });
  return { id, edit: { type: "all", edits: [...left, { type: "set-group", id, group: { title, steps } }] } };
}

/** An id that is free: `g1`, `g2` … */
export function freeId(letter: string, taken: Record<string, unknown>): string {
  for (let number = 1; ; number++) if (!(`${letter}${number}` in taken)) return `${letter}${number}`;
}

/** Where everything that is shown stands. */
export function shownPlaces(pipeline: Pipeline): Map<string, Point> {
  const places = placesOf(pipeline);
  const shown = new Map(places);
  for (const [id, { steps, closed: shut }] of Object.entries(pipeline.layout.groups)) {
    const at = steps.flatMap((step) => places.get(step) ?? []);
    if (!at.length) continue;
    const corner = { x: Math.min(...at.map((each) => each.x)), y: Math.min(...at.map((each) => each.y)) };
    if (shut) for (const step of steps) shown.delete(step);
    shown.set(groupNode(id), shut ? corner : { x: corner.x - ROOM, y: corner.y - ROOM - HEAD });
  }
  for (const [id, { x, y }] of Object.entries(pipeline.layout.notes)) shown.set(noteNode(id), { x, y });
  return shown;
}

/** The edit that moves nodes to places: a group takes its steps along. */
export function movesTo(pipeline: Pipeline, targets: Record<string, Point>): Edit {
  const [places, shown] = [placesOf(pipeline), shownPlaces(pipeline)];
  const nodes: Record<string, Point> = {};
  const edits: Edit[] = [];
  for (const [id, to] of Object.entries(targets)) {
    const group = pipeline.layout.groups[idIn(GROUPS, id) ?? ""];
    const note = pipeline.layout.notes[idIn(NOTES, id) ?? ""];
    if (note) edits.push({ type: "set-note", id: idIn(NOTES, id)!, note: { ...note, ...to } });
    else if (!group) nodes[id] = to;
    else {
      const from = shown.get(id)!;
      for (const step of group.steps) {
        const { x, y } = places.get(step)!;
        if (!(step in targets)) nodes[step] = { x: x + to.x - from.x, y: y + to.y - from.y };
      }
    }
  }
  return { type: "all", edits: [...edits, { type: "move", nodes }] };
}

/** The places that an edit of moves gives to nodes. */
export const placedBy = (edit: Edit): Record<string, Point> =>
  edit.type === "move" ? edit.nodes : edit.type === "all" ? Object.assign({}, ...edit.edits.map(placedBy)) : {};
