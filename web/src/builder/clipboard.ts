/** Parts of a pipeline as text, so that they can be copied to another tab, or from a file. */
import { apply, copies, INPUTS, inputNode, origin, type Edit, type Pipeline, type Point } from "./document";
import { placesOf } from "./graph";
import { stepsOf } from "./groups";

export type Fragment = Pick<Pipeline, "inputs" | "steps"> & { layout: { nodes: Record<string, Point> } };

/** How far a copy stands from what it was copied of. */
const ASIDE = { x: 40, y: 60 };

/** The selected steps, with the inputs of the pipeline that are selected or read by them. */
export function fragmentOf(pipeline: Pipeline, selection: string[]): Fragment | undefined {
  const chosen = new Set(stepsOf(pipeline, selection));
  const steps = pipeline.steps.filter((step) => chosen.has(step.id));
  const read = new Set(steps.flatMap((step) => Object.values(step.inputs)));
  const wanted = ([name]: [string, unknown]) => selection.includes(inputNode(name)) || read.has(inputNode(name));
  const inputs = Object.fromEntries(Object.entries(pipeline.inputs).filter(wanted));
  if (!steps.length && !Object.keys(inputs).length) return undefined;
  const places = placesOf(pipeline);
  const ids = [...steps.map((step) => step.id), ...Object.keys(inputs).map(inputNode)];
  return { inputs, steps, layout: { nodes: Object.fromEntries(ids.map((id) => [id, places.get(id)!])) } };
}

/** The edit that puts a copy into a pipeline, and the new nodes. What is read and not there stays open. */
export function pasted(pipeline: Pipeline, part: Fragment): { edit: Edit; nodes: string[] } {
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
  const alone = steps.length ? [] : inputs.map(([name]) => inputNode(name));
  return { edit: { type: "all", edits }, nodes: [...steps.map((step) => step.id), ...alone] };
}
