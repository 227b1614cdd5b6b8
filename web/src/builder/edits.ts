/** The edits that change a pipeline. Each gives a new document, which shares what did not change with the one before. */
import {
  freeName,
  inputNode,
  origin,
  outputNode,
  type Group,
  type Layout,
  type Note,
  type Pipeline,
  type PipelineInput,
  type Point,
  type Reference,
  type Step,
} from "./document";
import { stepsWithin, swept } from "./nesting";

export type Edit =
  | { type: "add-step"; step: Step; at: Point }
  | { type: "add-input"; name: string; input: PipelineInput; at: Point }
  | { type: "rename-input"; name: string; to: string }
  | { type: "remove"; nodes: string[] }
  | { type: "connect"; from: Reference; step: string; port: string }
  | { type: "disconnect"; step: string; port: string }
  | { type: "set-param"; step: string; name: string; value: unknown }
  | {
      type: "set-step";
      step: string;
      change: Partial<Pick<Step, "when" | "map" | "timeout" | "service" | "params" | "inputs">>;
    }
  | { type: "rename-step"; step: string; to: string }
  | { type: "set-output"; name: string; from: Reference | null }
  | { type: "rename-output"; name: string; to: string }
  | { type: "set-about"; change: Partial<Pick<Pipeline, "id" | "name" | "description" | "tags">> }
  | { type: "move"; nodes: Record<string, Point> }
  | { type: "set-note"; id: string; note: Note | null }
  | { type: "set-group"; id: string; group: Group }
  | { type: "set-groups"; groups: Record<string, Group> }
  | { type: "paste"; steps: Step[]; at: Record<string, Point> }
  | { type: "replace"; pipeline: Pipeline }
  /** Several as one: they are undone together. */
  | { type: "all"; edits: Edit[] };

/** The document after an edit; the one before is left as it was. */
export function apply(before: Pipeline, edit: Edit): Pipeline {
  switch (edit.type) {
    case "replace":
      return edit.pipeline;
    case "all":
      return edit.edits.reduce(apply, before);
    case "add-step":
      return placed({ ...before, steps: [...before.steps, edit.step] }, { [edit.step.id]: edit.at });
    case "add-input": {
      const inputs = { ...before.inputs, [edit.name]: edit.input };
      return placed({ ...before, inputs }, { [inputNode(edit.name)]: edit.at });
    }
    case "rename-input":
      return renameInput(before, edit.name, edit.to);
    case "rename-output":
      return renameOutput(before, edit.name, edit.to);
    case "paste":
      return placed({ ...before, steps: [...before.steps, ...edit.steps] }, edit.at);
    case "remove":
      return remove(before, new Set(edit.nodes.flatMap((node) => [node, ...withIn(before, node)])));
    case "connect":
      return change(before, edit.step, (step) => ({ ...step, inputs: { ...step.inputs, [edit.port]: edit.from } }));
    case "disconnect":
      return change(before, edit.step, (step) => ({ ...step, inputs: without(step.inputs, [edit.port]) }));
    case "set-param":
      return change(before, edit.step, (step) => ({
        ...step,
        params:
          edit.value === undefined ? without(step.params, [edit.name]) : { ...step.params, [edit.name]: edit.value },
      }));
    case "set-step":
      return change(before, edit.step, (step) => ({ ...step, ...edit.change }));
    case "rename-step":
      return rename(before, edit.step, edit.to);
    case "set-output":
      return {
        ...before,
        outputs:
          edit.from === null ? without(before.outputs, [edit.name]) : { ...before.outputs, [edit.name]: edit.from },
      };
    case "set-about":
      return { ...before, ...edit.change };
    case "move":
      return placed(before, edit.nodes);
    case "set-note":
      return layout(before, { notes: put(before.layout.notes, edit.id, edit.note) });
    case "set-group":
      return layout(before, { groups: { ...before.layout.groups, [edit.id]: edit.group } });
    case "set-groups":
      return layout(before, { groups: edit.groups });
  }
}

/** Copies of steps with new names; what they read of each other they read of the copies. */
export function copies(pipeline: Pipeline, steps: Step[]): Step[] {
  const names = new Map<string, string>();
  let grown = pipeline;
  for (const step of steps) {
    const name = freeName(grown, step.id.replace(/_\d+$/, ""));
    names.set(step.id, name);
    grown = { ...grown, steps: [...grown.steps, { ...step, id: name }] };
  }
  return steps.map((step) => ({ ...refer(step, names), id: names.get(step.id) ?? step.id }));
}

function change(pipeline: Pipeline, id: string, how: (step: Step) => Step): Pipeline {
  return { ...pipeline, steps: pipeline.steps.map((step) => (step.id === id ? how(step) : step)) };
}

function layout(pipeline: Pipeline, part: Partial<Layout>): Pipeline {
  return { ...pipeline, layout: { ...pipeline.layout, ...part } };
}

function placed(pipeline: Pipeline, nodes: Record<string, Point>): Pipeline {
  return layout(pipeline, { nodes: { ...pipeline.layout.nodes, ...nodes } });
}

/** What goes with a node: all steps in a group. */
const withIn = (pipeline: Pipeline, node: string) =>
  node.startsWith("groups.") ? stepsWithin(pipeline.layout.groups, node.slice("groups.".length)) : [];

function remove(pipeline: Pipeline, nodes: Set<string>): Pipeline {
  const gone = (reference: Reference) => nodes.has(origin(reference)[0]) || nodes.has(reference);
  const kept = <Value>(values: Record<string, Value>, which: (name: string, value: Value) => boolean) =>
    Object.fromEntries(Object.entries(values).filter(([name, value]) => which(name, value)));
  const { layout: canvas } = pipeline;
  return {
    ...pipeline,
    inputs: kept(pipeline.inputs, (name) => !nodes.has(inputNode(name))),
    outputs: kept(pipeline.outputs, (name, from) => !gone(from) && !nodes.has(outputNode(name))),
    steps: pipeline.steps
      .filter((step) => !nodes.has(step.id))
      .map((step) => ({ ...step, inputs: kept(step.inputs, (_, from) => !gone(from)) })),
    layout: {
      nodes: without(canvas.nodes, nodes),
      notes: without(
        canvas.notes,
        [...nodes].map((node) => node.replace(/^notes\./, "")),
      ),
      groups: swept(
        mapped(canvas.groups, (group) => ({ ...group, steps: group.steps.filter((step) => !nodes.has(step)) })),
      ),
    },
  };
}

function rename(pipeline: Pipeline, from: string, to: string): Pipeline {
  const names = new Map([[from, to]]);
  const { [from]: place, ...nodes } = pipeline.layout.nodes;
  return {
    ...pipeline,
    outputs: Object.fromEntries(Object.entries(pipeline.outputs).map(([name, each]) => [name, renamed(each, names)])),
    steps: pipeline.steps.map((step) => ({ ...refer(step, names), id: names.get(step.id) ?? step.id })),
    layout: {
      ...pipeline.layout,
      nodes: place ? { ...nodes, [to]: place } : nodes,
      groups: mapped(pipeline.layout.groups, (group) => ({
        ...group,
        steps: group.steps.map((step) => names.get(step) ?? step),
      })),
    },
  };
}

function renameInput(pipeline: Pipeline, from: string, to: string): Pipeline {
  const [old, now] = [inputNode(from), inputNode(to)];
  const swap = (reference: Reference) => (reference === old ? now : reference);
  return {
    ...pipeline,
    inputs: rekeyed(pipeline.inputs, from, to),
    outputs: mapped(pipeline.outputs, swap),
    steps: pipeline.steps.map((step) => {
      const when = step.when?.replace(/("[^"]*"|'[^']*')|\binputs\.([a-z0-9_]+)/g, (all, quoted, name) =>
        !quoted && name === from ? now : all,
      );
      return { ...step, inputs: mapped(step.inputs, swap), ...(step.when ? { when } : {}) };
    }),
    layout: { ...pipeline.layout, nodes: rekeyed(pipeline.layout.nodes, old, now) },
  };
}

function renameOutput(pipeline: Pipeline, from: string, to: string): Pipeline {
  const nodes = rekeyed(pipeline.layout.nodes, outputNode(from), outputNode(to));
  return { ...pipeline, outputs: rekeyed(pipeline.outputs, from, to), layout: { ...pipeline.layout, nodes } };
}

/** The same values in the same order, one under another name. */
const rekeyed = <Value>(values: Record<string, Value>, from: string, to: string): Record<string, Value> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name === from ? to : name, value]));

const mapped = <Value>(values: Record<string, Value>, how: (value: Value) => Value): Record<string, Value> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, how(value)]));

function refer(step: Step, names: Map<string, string>): Step {
  const inputs = Object.fromEntries(Object.entries(step.inputs).map(([port, from]) => [port, renamed(from, names)]));
  if (!step.when) return { ...step, inputs };
  // In a condition a step is named as `step.port`; a name inside a longer one, or in quotes, is something else.
  const when = step.when.replace(/("[^"]*"|'[^']*')|(?<![\w.])([a-z][a-z0-9_]*)(?=\.)/g, (all, quoted, name) =>
    quoted ? all : (names.get(name) ?? all),
  );
  return { ...step, inputs, when };
}

function renamed(reference: Reference, names: Map<string, string>): Reference {
  const [step, port] = origin(reference);
  return names.has(step) ? `${names.get(step)}.${port}` : reference;
}

function put<Value>(values: Record<string, Value>, name: string, value: Value | null): Record<string, Value> {
  return value === null ? without(values, [name]) : { ...values, [name]: value };
}

function without<Value>(values: Record<string, Value>, names: Iterable<string>): Record<string, Value> {
  const gone = new Set(names);
  return Object.fromEntries(Object.entries(values).filter(([name]) => !gone.has(name)));
}
