import { computed, ref, shallowRef, type Ref } from "vue";
import { useRun, type StepView } from "@/client/run";
import { INPUTS, origin, type Pipeline, type Step } from "./document";

/** The run that was begun from here, and what it says of the document as it is now. */
export function useRunning(pipeline: Readonly<Ref<Pipeline>>) {
  const runId = ref<string>();
  const { run, error } = useRun(runId);
  /** The steps that were run: what is known of others says nothing of the document's. */
  const ran = shallowRef<Step[]>([]);

  const states = computed(() => {
    const known = new Map<string, StepView>();
    if (!run.value) return known;
    const same = new Set(ran.value.filter((step) => pipeline.value.steps.includes(step)).map((step) => step.id));
    for (const step of run.value.steps) if (same.has(step.id)) known.set(step.id, step);
    return known;
  });

  function follow(id: string): void {
    ran.value = pipeline.value.steps;
    runId.value = id;
  }

  /** What an edge carries in the run that is watched. */
  function valueOf(from: string) {
    const [source, port] = origin(from);
    if (source === INPUTS) return run.value?.inputs[port];
    return states.value.get(source)?.outputs[port];
  }

  return { run, error, states, follow, valueOf };
}
