/** How long a run will still take, by what such calls took before. */
import { computed, onScopeDispose, ref, shallowRef, watch, type Ref } from "vue";
import { api, asked, type Schemas } from "@/client/api";
import { done, files, type Run, type StepView } from "@/client/run";

type Estimate = Schemas["Estimate"];
type Step = Pick<StepView, "id" | "status" | "started">;

/** Seconds that the steps which have not ended will still take; nothing when one of them was never seen before. */
export function remaining(
  steps: readonly Step[],
  expected: ReadonlyMap<string, number>,
  now: number,
): number | undefined {
  let sum = 0;
  for (const step of steps) {
    if (step.status !== "pending" && step.status !== "running") continue;
    const seconds = expected.get(step.id);
    if (seconds === undefined) return undefined;
    const worked = step.status === "running" && step.started ? now - step.started : 0;
    sum += Math.max(seconds - worked, 0);
  }
  return sum;
}

const expectedOf = (estimate: Estimate) =>
  new Map(estimate.steps.flatMap((step) => (step.seconds ? [[step.step, step.seconds.expected] as const] : [])));

/** Seconds left of a run, counted down; nothing while that is not known. */
export function useRemaining(run: Ref<Run | undefined>, pipeline: string) {
  const estimate = shallowRef<Estimate>();
  const now = ref(Date.now() / 1000);
  const clock = setInterval(() => (now.value = Date.now() / 1000), 1000);
  onScopeDispose(() => clearInterval(clock));

  watch(
    () => (run.value && !done(run.value) ? run.value.id : undefined),
    async (id) => {
      estimate.value = undefined;
      if (!id) return;
      const inputs = Object.fromEntries(
        Object.entries(run.value!.inputs).map(([name, value]) => [name, { artifact: files(value)[0]!.sha256 }]),
      );
      const found = await asked(api.POST("/estimates", { body: { pipeline, inputs } as never })).catch(() => undefined);
      if (run.value?.id === id) estimate.value = found;
    },
    { immediate: true },
  );

  return computed(() =>
    run.value && estimate.value && !done(run.value)
      ? remaining(run.value.steps, expectedOf(estimate.value), now.value)
      : undefined,
  );
}
