import { pasted } from "./clipboard";
import { freeName, INPUTS, inputNode, origin, type Pipeline } from "./document";
import { apply, type Edit } from "./edits";
import { placesOf, type Services } from "./graph";
import { groupOf, shownPlaces } from "./groups";

/** The edit that puts another pipeline's steps here as a closed group. Its inputs are those of this one that have the
 * same name and type; others are offered as new inputs. */
export function insertion(pipeline: Pipeline, services: Services, other: Pipeline): { id: string; edit: Edit } {
  let guest = other;
  for (const [name, input] of Object.entries(other.inputs)) {
    const ours = pipeline.inputs[name];
    if (ours && ours.media !== input.media) {
      const grown = { ...pipeline, inputs: { ...pipeline.inputs, ...guest.inputs } };
      guest = apply(guest, { type: "rename-input", name, to: freeName(grown, name) });
    }
  }
  const places = [...shownPlaces(pipeline, services).values()];
  const [left, below] = places.length
    ? [Math.min(...places.map((each) => each.x)), Math.max(...places.map((each) => each.y)) + 220]
    : [0, 0];
  const theirs = placesOf(guest, services);
  const at = Object.fromEntries([...theirs].map(([id, { x, y }]) => [id, { x: x + left - 40, y: y + below - 60 }]));
  const layout = { nodes: at, groups: guest.layout.groups };
  const { edit, nodes, steps } = pasted(pipeline, { inputs: guest.inputs, steps: guest.steps, layout });
  const names = new Map(guest.steps.map((step, index) => [step.id, steps[index]!]));
  const outputs: Edit[] = Object.keys(pipeline.outputs).length
    ? []
    : Object.entries(guest.outputs).map(([name, from]) => {
        const [source, port] = origin(from);
        return { type: "set-output", name, from: source === INPUTS ? inputNode(port) : `${names.get(source)}.${port}` };
      });
  const grown = apply(pipeline, edit);
  const { id, edit: group } = groupOf(grown, nodes, other.name || other.id)!;
  const shut: Edit = { type: "set-group", id, group: { ...apply(grown, group).layout.groups[id]!, closed: true } };
  return { id, edit: { type: "all", edits: [edit, ...outputs, group, shut] } };
}
