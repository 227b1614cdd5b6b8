/** Parts of a pipeline as text, so that they can be copied to another tab, or from a file. */
import { INPUTS, inputNode, origin, type Group, type Pipeline, type Point } from "./document";
import { apply, copies, type Edit } from "./edits";
import { placesOf, type Services } from "./graph";
import { freeId, groupNode, groupsAmong, stepsOf } from "./groups";
import { around, nested } from "./nesting";

export type Fragment = Pick<Pipeline, "inputs" | "steps"> & {
  layout: { nodes: Record<string, Point>; groups?: Record<string, Group> };
};

/** How far a copy stands from what it was copied of. */
const ASIDE = { x: 40, y: 60 };

/** The selected steps and groups, with the inputs of the pipeline that are selected or read by them. */
export function fragmentOf(pipeline: Pipeline, services: Services, selection: string[]): Fragment | undefined {
  const chosen = new Set(stepsOf(pipeline, selection));
  const steps = pipeline.steps.filter((step) => chosen.has(step.id));
  const read = new Set(steps.flatMap((step) => Object.values(step.inputs)));
  const wanted = ([name]: [string, unknown]) => selection.includes(inputNode(name)) || read.has(inputNode(name));
  const inputs = Object.fromEntries(Object.entries(pipeline.inputs).filter(wanted));
  if (!steps.length && !Object.keys(inputs).length) return undefined;
  const places = placesOf(pipeline, services);
  const ids = [...steps.map((step) => step.id), ...Object.keys(inputs).map(inputNode)];
  const nodes = Object.fromEntries(ids.map((id) => [id, places.get(id)!]));
  const whole = new Set(groupsAmong(pipeline, selection));
  const all = Object.entries(pipeline.layout.groups);
  const with_ = all.filter(([id]) => [id, ...around(pipeline.layout.groups, id)].some((each) => whole.has(each)));
  return { inputs, steps, layout: with_.length ? { nodes, groups: Object.fromEntries(with_) } : { nodes } };
}

export interface Pasted {
  edit: Edit;
  /** What is new on the canvas, in no group that is new too. */
  nodes: string[];
  /** What the copies of steps are called, in the order of the steps. */
  steps: string[];
}

/** The edit that puts a copy into a pipeline, and what is new then. What is read and not there stays open. */
export function pasted(pipeline: Pipeline, part: Fragment): Pasted {
  const inputs = Object.entries(part.inputs).filter(([name]) => !(name in pipeline.inputs));
  const at = (old: string) => {
    const { x, y } = part.layout.nodes[old] ?? { x: 0, y: 0 };
    return { x: x + ASIDE.x, y: y + ASIDE.y };
  };
  const edits: Edit[] = inputs.map(([name, input]) => ({ type: "add-input", name, input, at: at(inputNode(name)) }));
  const grown = edits.reduce(apply, pipeline);
  const there = new Set([...grown.steps, ...part.steps].map((step) => step.id));
  const readable = (from: string) => {
    const [source, name] = origin(from);
    return source === INPUTS ? name in grown.inputs : there.has(source);
  };
  const steps = copies(
    grown,
    part.steps.map((step) => ({
      ...step,
      inputs: Object.fromEntries(Object.entries(step.inputs).filter(([, from]) => readable(from))),
    })),
  );
  const places = steps.map((step, index) => [step.id, at(part.steps[index]!.id)] as const);
  if (steps.length) edits.push({ type: "paste", steps, at: Object.fromEntries(places) });
  const names = new Map(part.steps.map((step, index) => [step.id, steps[index]!.id]));
  const groups = copiedGroups(pipeline, part, names);
  if (Object.keys(groups).length) edits.push({ type: "set-groups", groups: { ...pipeline.layout.groups, ...groups } });
  const grouped = new Set(Object.values(groups).flatMap((group) => group.steps));
  const nodes = steps.length
    ? steps.map((step) => step.id).filter((id) => !grouped.has(id))
    : inputs.map(([name]) => inputNode(name));
  const tops = Object.keys(groups).filter((id) => groups[id]!.within === undefined);
  return { edit: { type: "all", edits }, nodes: [...tops.map(groupNode), ...nodes], steps: [...names.values()] };
}

/** Groups of a copy under free ids, with the copies of their steps in them. */
function copiedGroups(pipeline: Pipeline, part: Fragment, names: Map<string, string>): Record<string, Group> {
  const theirs = part.layout.groups ?? {};
  const ids = new Map<string, string>();
  for (const id of Object.keys(theirs))
    ids.set(
      id,
      freeId("g", { ...pipeline.layout.groups, ...Object.fromEntries([...ids.values()].map((each) => [each, 1])) }),
    );
  return Object.fromEntries(
    Object.entries(theirs).map(([id, group]) => {
      const steps = group.steps.flatMap((step) => names.get(step) ?? []);
      return [ids.get(id)!, nested({ ...group, steps }, ids.get(group.within ?? ""))];
    }),
  );
}
