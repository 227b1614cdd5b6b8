/** A run as it is now: asked for once, then kept up to date by its events. */
import { onScopeDispose, readonly, ref, shallowRef, toValue, watch, type MaybeRefOrGetter } from "vue";
import { api, asked, Refusal, type Schemas } from "./api";
import { onReturn } from "./connection";
import { listen, type Artifact, type Event, type Held, type StepState } from "./events";

export type Run = Schemas["RunView"];
export type StepView = Schemas["StepView"];
export type File = Schemas["FileView"];
export type Value = File | File[];
const DONE: Run["status"][] = ["finished", "failed", "cancelled"];
/** Milliseconds after which a lost connection is tried again, growing to the second. */
const PAUSES = [500, 1000, 2000, 5000];

export const files = (value: Value | undefined): File[] => (value ? (Array.isArray(value) ? value : [value]) : []);
export const done = (run: Pick<Run, "status">) => DONE.includes(run.status);

/** The run after an event. */
export function applied(run: Run, event: Event): Run {
  if (event.seq <= run.seq) return run;
  const now = { ...run, seq: event.seq, updated: event.at };
  switch (event.type) {
    case "run-accepted":
      return now;
    case "run-started": {
      // Begun again after it was cut off: what was under way then is to be done anew.
      const steps = run.steps.map((step) => merged(step, event.given[step.id] ?? { ...UNTOUCHED, id: step.id }));
      return { ...now, steps, status: "running", begun: event.at, place: null, problems: [], outputs: {} };
    }
    case "step-changed": {
      const steps = run.steps.map((step) => (step.id === event.step.id ? merged(step, event.step) : step));
      const ended = steps.filter((step) => step.status !== "pending" && step.status !== "running").length;
      return { ...now, steps, progress: ended / steps.length };
    }
    case "run-finished":
      return { ...now, status: event.status, outputs: held(event.outputs), problems: event.problems, place: null };
  }
}

const UNTOUCHED: Omit<StepState, "id" | "service" | "version" | "spent" | "seconds"> = {
  status: "pending",
  attempt: 0,
  started: null,
  finished: null,
  progress: null,
  cached: false,
  edited: false,
  reason: "",
  said: null,
  problem: null,
  outputs: {},
};

function merged(step: StepView, change: Pick<StepState, keyof typeof UNTOUCHED | "id">): StepView {
  const { id, status, attempt, started, finished, progress, cached, edited, reason, said, problem } = change;
  const seconds = started && finished ? finished - started : null;
  const outputs = held(change.outputs, `${id}-`);
  const changed = { status, attempt, started, finished, progress, cached, edited, reason, said, problem };
  return { ...step, ...changed, seconds, outputs };
}

function held(values: Record<string, Held>, prefix = ""): Record<string, Value> {
  const file = (artifact: Artifact, name: string): File => ({
    ...artifact,
    name,
    url: `/artifacts/${artifact.sha256}`,
  });
  return Object.fromEntries(
    Object.entries(values).map(([port, value]) => [
      port,
      Array.isArray(value)
        ? value.map((each, index) => file(each, `${prefix}${port}-${index + 1}`))
        : file(value, `${prefix}${port}`),
    ]),
  );
}

/** Follow a run. A connection that breaks is made again, and goes on after the last event that came. */
export function useRun(id: MaybeRefOrGetter<string | null | undefined>) {
  const run = shallowRef<Run>();
  const error = ref<unknown>();
  const connected = ref(true);
  let close: (() => void) | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let tries = 0;

  function stop(): void {
    close?.();
    clearTimeout(timer);
  }

  function again(name: string): void {
    stop();
    connected.value = false;
    timer = setTimeout(() => follow(name), PAUSES[Math.min(tries++, PAUSES.length - 1)]);
  }

  async function follow(name: string): Promise<void> {
    stop();
    try {
      const found = await asked(api.GET("/runs/{run}", { params: { path: { run: name } } }));
      if (toValue(id) !== name) return;
      [run.value, error.value, connected.value] = [found, undefined, true];
      if (!done(found)) watchEvents(name, found.seq);
    } catch (problem) {
      if (toValue(id) !== name) return;
      error.value = problem;
      if (problem instanceof Refusal && [0, 429].includes(problem.status)) again(name);
      if (problem instanceof Refusal && problem.status >= 500) again(name);
    }
  }

  function watchEvents(name: string, after: number): void {
    close = listen(
      name,
      after,
      (event) => {
        if (!run.value) return;
        [run.value, tries] = [applied(run.value, event), 0];
        // Once more as the server tells it: with names, links and what its calls took.
        if (event.type === "run-finished") void follow(name);
      },
      () => again(name),
    );
  }

  onReturn(() => {
    const name = toValue(id);
    if (name && (!run.value || !done(run.value))) void follow(name);
  });
  watch(
    () => toValue(id),
    (name) => {
      stop();
      [run.value, error.value] = [undefined, undefined];
      if (name) void follow(name);
    },
    { immediate: true },
  );
  onScopeDispose(stop);
  return { run: readonly(run) as typeof run, error, connected, retry: () => follow(toValue(id) ?? "") };
}
