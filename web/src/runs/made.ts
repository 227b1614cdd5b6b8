/** How a value was made: the calls that led to it, told so that people can follow. */
import type { Schemas } from "@/client/api";
import { files, type Run, type Value } from "@/client/run";

type Provenance = Schemas["Provenance"];
type Result = Schemas["Result"];

/** Where a value comes from: an input of the run, what a step gave, what somebody put in, or it is not known. */
export type Origin =
  | { kind: "input"; name: string; sha256: string }
  | { kind: "step" | "hand"; step: string; port: string; sha256: string }
  | { kind: "unknown"; sha256: string };

/** The calls of one step that led to the value; they differ in their inputs alone. */
export interface Making {
  step: string;
  service: string;
  version: string;
  params: [name: string, value: unknown][];
  weights: string[];
  inputs: { port: string; from: Origin[] }[];
  outputs: string[];
  calls: number;
  seconds: number;
}

const hashes = (value: Result["inputs"][string]): string[] =>
  (Array.isArray(value) ? value : [value]).map((each) => each.sha256);

/** Where each value of the story comes from. */
export function origins(story: Provenance, run: Run): (sha256: string) => Origin {
  const known = new Map<string, Origin>();
  for (const [name, value] of Object.entries(run.inputs)) {
    for (const { sha256 } of files(value)) known.set(sha256, { kind: "input", name, sha256 });
  }
  for (const step of run.steps.filter((each) => each.edited)) {
    for (const [port, value] of Object.entries(step.outputs as Record<string, Value>)) {
      for (const { sha256 } of files(value)) known.set(sha256, { kind: "hand", step: step.id, port, sha256 });
    }
  }
  for (const { step, result } of story.made) {
    for (const [port, value] of Object.entries(result.outputs)) {
      for (const sha256 of hashes(value)) known.set(sha256, { kind: "step", step, port, sha256 });
    }
  }
  return (sha256) => known.get(sha256) ?? { kind: "unknown", sha256 };
}

/** The story, a sentence a step, in the order in which it happened. */
export function makings(story: Provenance, run: Run): Making[] {
  const originOf = origins(story, run);
  const steps = new Map<string, Result[]>();
  for (const { step, result } of story.made) steps.set(step, [...(steps.get(step) ?? []), result]);
  return [...steps].map(([step, calls]) => {
    const first = calls[0]!;
    const inputs = Object.keys(first.inputs).map((port) => {
      const from = calls.flatMap((call) => hashes(call.inputs[port]!)).map(originOf);
      return { port, from: distinct(from) };
    });
    return {
      ...{ step, inputs, service: first.service, version: first.version, calls: calls.length },
      params: Object.entries(first.params).filter(([, value]) => value !== null && value !== ""),
      weights: (first.weights ?? []).map((each) => each.name),
      outputs: Object.keys(first.outputs),
      seconds: calls.reduce((sum, call) => sum + call.seconds, 0),
    };
  });
}

/** Values of one port and source are told once, however many they are. */
function distinct(from: Origin[]): Origin[] {
  const seen = new Map(
    from.map((each) => [
      each.kind + ("name" in each ? each.name : "step" in each ? `${each.step}.${each.port}` : ""),
      each,
    ]),
  );
  return [...seen.values()];
}

/** What a value was made of, and that of what, back to what was given. */
export interface Branch {
  origin: Origin;
  making?: Making;
  /** Told further up already. */
  again: boolean;
  of: { port: string; branches: Branch[] }[];
}

export function treeOf(story: Provenance, run: Run): Branch {
  const told = new Map(makings(story, run).map((making) => [making.step, making]));
  const shown = new Set<string>();
  const branch = (origin: Origin): Branch => {
    const making = origin.kind === "step" ? told.get(origin.step) : undefined;
    const again = !!making && shown.has(making.step);
    if (making) shown.add(making.step);
    const of = making && !again ? making.inputs.map(({ port, from }) => ({ port, branches: from.map(branch) })) : [];
    return { origin, making, again, of };
  };
  return branch(origins(story, run)(story.artifact.sha256));
}
