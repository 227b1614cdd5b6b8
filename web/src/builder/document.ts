/** A pipeline as the server reads it. Nothing here knows a screen. */
export interface PipelineInput {
  media: string;
  description?: string;
  optional?: boolean;
  many?: boolean;
  schema?: Record<string, unknown> | null;
  default?: unknown;
}

export interface Step {
  id: string;
  service: string;
  params: Record<string, unknown>;
  inputs: Record<string, string>;
  when?: string | null;
  map?: string | null;
  timeout?: number | null;
}

export interface Point {
  x: number;
  y: number;
}

export interface Note extends Point {
  text: string;
  width?: number;
  height?: number;
}

/** Steps, and other groups, that are shown as one or with a frame around them. */
export interface Group {
  title: string;
  steps: string[];
  closed?: boolean;
  /** The group that this one stands in. */
  within?: string;
}

/** What only the canvas knows; it travels in the document, and runs ignore it. */
export interface Layout {
  nodes: Record<string, Point>;
  notes: Record<string, Note>;
  groups: Record<string, Group>;
}

export interface Pipeline {
  id: string;
  name: string;
  description: string;
  tags?: string[];
  inputs: Record<string, PipelineInput>;
  outputs: Record<string, string>;
  steps: Step[];
  layout: Layout;
}

/** Where a value comes from: `step.port`, or `inputs.name`. */
export type Reference = string;

export const INPUTS = "inputs";
export const OUTPUTS = "outputs";

export function blank(id = "my-pipeline"): Pipeline {
  return {
    id,
    name: "",
    description: "",
    inputs: {},
    outputs: {},
    steps: [],
    layout: { nodes: {}, notes: {}, groups: {} },
  };
}

export function origin(reference: Reference): [string, string] {
  const dot = reference.indexOf(".");
  return dot < 0 ? [reference, ""] : [reference.slice(0, dot), reference.slice(dot + 1)];
}

/** The node of a pipeline's input on the canvas, which has a node for each. */
export const inputNode = (name: string) => `${INPUTS}.${name}`;

/** The node of a pipeline's output, likewise. */
export const outputNode = (name: string) => `${OUTPUTS}.${name}`;

/** A name like `wanted` that no step has yet: `paint`, `paint_2` … */
export function freeName(pipeline: Pipeline, wanted: string): string {
  const taken = new Set([INPUTS, ...pipeline.steps.map((step) => step.id), ...Object.keys(pipeline.inputs)]);
  const plain =
    wanted
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, "_")
      .replace(/^[^a-z]+|_+$/g, "") || "step";
  if (!taken.has(plain)) return plain;
  for (let number = 2; ; number++) if (!taken.has(`${plain}_${number}`)) return `${plain}_${number}`;
}
