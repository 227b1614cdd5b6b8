import { computed, ref, shallowRef } from "vue";
import { api, asked, stopRun } from "@/client/api";
import { done, files, useRun, type Run, type StepView, type Value } from "@/client/run";
import { INPUTS, origin, type Pipeline } from "./document";
import type { Editing } from "./useEditing";

/** The run that was begun from here, and what it says of the document as it is now. */
export function useRunning({ pipeline, attempt }: Editing) {
  const runId = ref<string>();
  const { run, error } = useRun(runId);
  /** The document that was run: what is known of steps that changed since says nothing of the new ones. */
  const ran = shallowRef<Pipeline>();

  const states = computed(() => {
    const known = new Map<string, StepView>();
    if (!run.value) return known;
    const now = new Set(pipeline.value.steps);
    const same = new Set(ran.value?.steps.filter((step) => now.has(step)).map((step) => step.id));
    for (const step of run.value.steps) if (same.has(step.id)) known.set(step.id, step);
    return known;
  });
  const working = computed(() => run.value !== undefined && !done(run.value));

  function follow(id: string): void {
    ran.value = pipeline.value;
    runId.value = id;
  }

  /** Run a step anew, and what depends on it: the rest is taken from the run before, or known of old. */
  async function runFrom(step: string): Promise<void> {
    const before = run.value;
    if (!before) return;
    const path = { run: before.id };
    const next = await attempt(() =>
      sameMeaning(ran.value, pipeline.value)
        ? asked(api.POST("/runs/{run}/retry", { params: { path }, body: { step } }))
        : asked(api.POST("/runs", { body: anew(pipeline.value, before) as never })),
    );
    if (next) follow(next.id);
  }

  const cancel = () => attempt(() => stopRun(runId.value ?? ""));

  /** What an edge carries in the run that is watched. */
  function valueOf(from: string): Value | undefined {
    const [source, port] = origin(from);
    if (source === INPUTS) return run.value?.inputs[port];
    return states.value.get(source)?.outputs[port];
  }

  return { run, lost: error, states, working, follow, runFrom, cancel, valueOf };
}

/** Whether two documents do the same when they run, wherever their nodes stand. */
export function sameMeaning(one: Pipeline | undefined, other: Pipeline): boolean {
  return one !== undefined && one.steps === other.steps && one.inputs === other.inputs && one.outputs === other.outputs;
}

/** The order of a run of this document with the inputs of another run. */
export function anew(pipeline: Pipeline, before: Run) {
  const kept = Object.entries(before.inputs).filter(([name]) => name in pipeline.inputs);
  const one = (value: Value) => files(value).map((file) => ({ artifact: file.sha256 }));
  const inputs = kept.map(([name, value]) => [name, Array.isArray(value) ? one(value) : one(value)[0]]);
  return { pipeline, inputs: Object.fromEntries(inputs), seed: before.seed };
}
