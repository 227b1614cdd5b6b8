/** The document as nodes and edges of a canvas, and what is known of each node's ports. */
import type { Edge, Node } from "@vue-flow/core";
import type { Schemas } from "@/client/api";
import type { StepView } from "@/client/run";
import { familyOf } from "@/shared/media";
import { INPUTS, inputNode, origin, outputNode, type Pipeline, type Point, type Step } from "./document";

export type Service = Schemas["Offer"];
/** The services that there are, by their short names. */
export type Services = Map<string, Service>;
export type Problem = Schemas["Problem"];
export interface Port {
  name: string;
  media: string[];
  optional?: boolean;
  many?: boolean;
}
export interface NodeData {
  title: string;
  subtitle: string;
  inputs: Port[];
  outputs: Port[];
  problems: Problem[];
  state?: StepView;
  missing?: boolean;
  /** The node of the open group that it stands in. */
  within?: string;
  /** Of a group: how many steps are in it, and how they do. */
  count?: number;
  statuses?: StepView["status"][];
  /** Of a note. */
  text?: string;
}

/** How wide a node is, and a closed group. */
export const [WIDTH, GROUP_WIDTH] = [190, 250];
/** How far nodes without places of their own stand from those that they read, and from each other. */
const [BESIDE, BELOW] = [44, 26];

export const slugOf = (step: Step) => step.service.split("@")[0] ?? step.service;

export function nodesOf(
  pipeline: Pipeline,
  services: Services,
  problems: Problem[] = [],
  states: Map<string, StepView> = new Map(),
): Node<NodeData>[] {
  const places = placesOf(pipeline, services);
  const at = (id: string) => places.get(id) ?? { x: 0, y: 0 };
  const inputs = Object.entries(pipeline.inputs).map(([name, input]) => {
    const port: Port = { name, media: [input.media], many: input.many };
    const data = {
      title: name,
      subtitle: input.media,
      inputs: [],
      outputs: [port],
      problems: of(problems, INPUTS, name),
    };
    return { id: inputNode(name), type: "input", position: at(inputNode(name)), data };
  });
  const steps = pipeline.steps.map((step) => {
    const service = services.get(slugOf(step));
    const data: NodeData = {
      title: step.id,
      subtitle: service?.name ?? step.service,
      inputs: service?.inputs ?? Object.keys(step.inputs).map((name) => ({ name, media: [] })),
      outputs: service?.outputs ?? readOf(pipeline, step.id),
      problems: of(problems, step.id),
      state: states.get(step.id),
      missing: !service,
    };
    return { id: step.id, type: "step", position: at(step.id), data };
  });
  const outputs = Object.keys(pipeline.outputs).map((name) => {
    const port: Port = { name, media: typeOf(pipeline, services, pipeline.outputs[name]!) };
    const wrong = problems.filter((problem) => !problem.step && problem.port === name);
    const data = { title: name, subtitle: port.media.join(" · "), inputs: [port], outputs: [], problems: wrong };
    return { id: outputNode(name), type: "output", position: at(outputNode(name)), data };
  });
  return [...inputs, ...steps, ...outputs];
}

/** What is read of a step whose service is not here, so that its connections stay in sight. */
function readOf(pipeline: Pipeline, step: string): Port[] {
  const read = [...pipeline.steps.flatMap((each) => Object.values(each.inputs)), ...Object.values(pipeline.outputs)];
  const names = read.map(origin).filter(([source]) => source === step);
  return [...new Set(names.map(([, name]) => name))].map((name) => ({ name, media: [] }));
}

export function edgesOf(pipeline: Pipeline, services: Services, states: Map<string, StepView> = new Map()): Edge[] {
  const edge = (from: string, target: string, port: string): Edge => {
    const [, name] = origin(from);
    const family = familyOf(typeOf(pipeline, services, from));
    return {
      id: `${from}→${target}.${port}`,
      source: sourceNode(from),
      sourceHandle: name,
      target,
      targetHandle: port,
      class: `edge ${family}`,
      ariaLabel: `${from} → ${target}.${port}`,
      animated: states.get(target)?.status === "running",
      data: { from, step: target, port },
    };
  };
  return [
    ...pipeline.steps.flatMap((step) => Object.entries(step.inputs).map(([port, from]) => edge(from, step.id, port))),
    ...Object.entries(pipeline.outputs).map(([name, from]) => edge(from, outputNode(name), name)),
  ];
}

/** The reference behind the output handle of a node. */
export const referenceOf = (node: string, port: string) =>
  node.startsWith(`${INPUTS}.`) ? node : node.startsWith("groups.") ? port : `${node}.${port}`;

/** The node that a reference is read of. */
export const sourceNode = (from: string) => (from.startsWith(`${INPUTS}.`) ? from : origin(from)[0]);

export function typeOf(pipeline: Pipeline, services: Services, from: string): string[] {
  const [source, name] = origin(from);
  if (source === INPUTS) return [pipeline.inputs[name]?.media ?? ""];
  const step = pipeline.steps.find((each) => each.id === source);
  return (step && services.get(slugOf(step))?.outputs.find((port) => port.name === name)?.media) ?? [];
}

/** The node that a problem is at, if it is at one. */
export function nodeOf(pipeline: Pipeline, { step, port }: Problem): string | undefined {
  if (step === INPUTS) return port && port in pipeline.inputs ? inputNode(port) : undefined;
  if (step) return pipeline.steps.some((each) => each.id === step) ? step : undefined;
  return port && port in pipeline.outputs ? outputNode(port) : undefined;
}

/** Problems of a step, or of one of the pipeline's inputs. */
const of = (problems: Problem[], step: string, port?: string) =>
  problems.filter((problem) => problem.step === step && (port === undefined || problem.port === port));

/** Where each node stands: where somebody put it, else in a column behind what it reads, near what it reads. */
export function placesOf(pipeline: Pipeline, services: Services): Map<string, Point> {
  const columns = new Map<number, string[]>();
  for (const [id, depth] of depthsOf(pipeline)) columns.set(depth, [...(columns.get(depth) ?? []), id]);
  const sources = sourcesOf(pipeline);
  const ports = new Map(pipeline.steps.map((step) => [step.id, portsOf(services.get(slugOf(step)))]));
  const tops = new Map<string, number>();
  const places = new Map<string, Point>();
  for (const [depth, ids] of [...columns].sort(([a], [b]) => a - b)) {
    const wish = (id: string) => {
      const known = (sources.get(id) ?? []).map((source) => tops.get(source)).filter((top) => top !== undefined);
      return known.length ? known.reduce((sum, top) => sum + top, 0) / known.length : 0;
    };
    const wishes = new Map(ids.map((id) => [id, wish(id)]));
    let free = 0;
    for (const id of ids.sort((a, b) => wishes.get(a)! - wishes.get(b)!)) {
      const top = Math.max(free, Math.round(wishes.get(id)!));
      free = top + heightOf(Math.max(ports.get(id) ?? 1, sources.get(id)?.length ?? 1)) + BELOW;
      tops.set(id, top);
      places.set(id, pipeline.layout.nodes[id] ?? { x: depth * (WIDTH + BESIDE), y: top });
    }
  }
  return places;
}

/** The ports on the busier side of a service; of one that is not here, as many as most have. */
const portsOf = (service?: Service) => (service ? Math.max(service.inputs.length, service.outputs.length) : 2);

/** About how high a node is with so many ports on its busier side. */
const heightOf = (ports: number) => 70 + 24 * ports;

/** The nodes that each node reads. */
function sourcesOf(pipeline: Pipeline): Map<string, string[]> {
  return new Map(
    [
      ...pipeline.steps.map((step) => [step.id, Object.values(step.inputs).map(sourceNode)] as const),
      ...Object.entries(pipeline.outputs).map(([name, from]) => [outputNode(name), [sourceNode(from)]] as const),
    ].map(([id, from]) => [id, [...from]]),
  );
}

function depthsOf(pipeline: Pipeline): Map<string, number> {
  const steps = new Map(pipeline.steps.map((step) => [step.id, step]));
  const depths = new Map<string, number>(Object.keys(pipeline.inputs).map((name) => [inputNode(name), 0]));
  const depth = (id: string, path: Set<string>): number => {
    const known = depths.get(id);
    if (known !== undefined) return known;
    const step = steps.get(id);
    if (!step || path.has(id)) return 0; // A circle is the server's to report.
    const before = Object.values(step.inputs)
      .map((from) => origin(from)[0])
      .filter((source) => source !== INPUTS);
    const found = 1 + Math.max(0, ...before.map((source) => depth(source, new Set([...path, id]))));
    depths.set(id, found);
    return found;
  };
  for (const step of pipeline.steps) depth(step.id, new Set());
  const last = Math.max(0, ...depths.values());
  for (const name of Object.keys(pipeline.outputs)) depths.set(outputNode(name), last + 1);
  return depths;
}

/** What the words of a problem add to the height of a node. */
const TROUBLE = 52;

/** About how large a node is on the canvas, known before it is there. */
export function sizeOf(node: Node<NodeData>): { width: number; height: number } {
  const style = node.style as { width?: string; height?: string } | undefined;
  if (style?.width && style.height) return { width: parseFloat(style.width), height: parseFloat(style.height) };
  const { inputs, outputs, problems } = node.data!;
  const told = problems.length && node.type !== "group" ? TROUBLE : 0;
  return {
    width: node.type === "group" ? GROUP_WIDTH : WIDTH,
    height: heightOf(Math.max(inputs.length, outputs.length)) + told,
  };
}
