/** What happened in a run: its events, kept up to date, and what they say. */
import { onScopeDispose, ref, shallowRef, watch } from "vue";
import { onReturn } from "@/client/connection";
import { listen, type Event, type StepState } from "@/client/events";
import type { Said } from "@/shared/forms";

/** Milliseconds until a lost stream is asked for again. */
const PAUSE = 1500;

/** All events of a run, each once, however often the connection is lost. */
export function useLog(id: () => string) {
  const events = shallowRef<Event[]>([]);
  const whole = ref(false);
  let stop = () => {};
  let timer: ReturnType<typeof setTimeout> | undefined;

  function follow(): void {
    stop();
    clearTimeout(timer);
    const run = id();
    const waiting: Event[] = [];
    // Events of a long log come in one go: they are shown together.
    const flush = () => {
      if (run === id() && waiting.length) events.value = [...events.value, ...waiting.splice(0)];
    };
    stop = listen(
      run,
      events.value.at(-1)?.seq ?? 0,
      (event) => {
        const last = waiting.at(-1)?.seq ?? events.value.at(-1)?.seq ?? 0;
        if (event.seq <= last) return;
        if (!waiting.push(event) || waiting.length === 1) setTimeout(flush);
        whole.value = event.type === "run-finished";
        if (whole.value) stop();
      },
      () => {
        stop();
        timer = setTimeout(follow, PAUSE);
      },
    );
  }

  watch(
    id,
    () => {
      [events.value, whole.value] = [[], false];
      follow();
    },
    { immediate: true },
  );
  onReturn(() => whole.value || follow());
  onScopeDispose(() => {
    stop();
    clearTimeout(timer);
  });
  return { events, whole };
}

/** A line of the log: the key of its words, what fills them, and where it happened. */
export interface Entry {
  seq: number;
  at: number;
  key: string;
  tone: "" | "good" | "bad" | "warn";
  step?: string;
  port?: string;
  filled: { seconds?: number; attempt?: number; count?: number; share?: number; text?: string; said?: Said | null };
  /** One of many that tell how far a step is. */
  progress?: boolean;
}

export function entriesOf(events: readonly Event[]): Entry[] {
  const states = new Map<string, StepState>();
  let begun = 0;
  return events.flatMap((event): Entry[] => {
    const { seq, at } = event;
    const entry = (key: string, rest: Partial<Entry> = {}): Entry => ({ seq, at, key, tone: "", filled: {}, ...rest });
    switch (event.type) {
      case "run-accepted":
        return [entry("accepted")];
      case "run-started": {
        const count = Object.keys(event.given).length;
        const given = count ? [entry("given", { filled: { count } })] : [];
        states.clear();
        return [begun++ ? entry("begunAgain", { tone: "warn" }) : entry("begun"), ...given];
      }
      case "step-changed": {
        const found = told(event.step, states.get(event.step.id), entry);
        states.set(event.step.id, event.step);
        return found;
      }
      case "run-finished": {
        const tone = { finished: "good", failed: "bad" }[event.status as string] as Entry["tone"];
        const problems = event.problems.map((problem) =>
          entry("problem", {
            tone: "bad",
            step: problem.step ?? undefined,
            port: problem.port ?? undefined,
            filled: { text: problem.message, said: problem.said },
          }),
        );
        return [
          ...problems.filter((each) => !each.step || !failed(states, each.step)),
          entry(event.status, { tone: tone ?? "" }),
        ];
      }
    }
  });
}

const failed = (states: Map<string, StepState>, step: string) => states.get(step)?.status === "failed";

function told(
  now: StepState,
  before: StepState | undefined,
  entry: (key: string, rest?: Partial<Entry>) => Entry,
): Entry[] {
  const step = now.id;
  const seconds = now.started && now.finished ? now.finished - now.started : undefined;
  switch (now.status) {
    case "running":
      if (now.attempt > Math.max(1, before?.attempt ?? 1)) {
        return [entry("again", { step, tone: "warn", filled: { attempt: now.attempt } })];
      }
      if (before?.status !== "running") return [entry("stepBegins", { step })];
      return now.progress
        ? [
            entry("share", {
              step,
              progress: true,
              filled: { share: now.progress.fraction, text: now.progress.message, said: now.progress.said },
            }),
          ]
        : [];
    case "finished":
      if (now.edited) return [entry("stepEdited", { step, tone: "good" })];
      return [entry(now.cached ? "stepKnown" : "stepFinished", { step, tone: "good", filled: { seconds } })];
    case "skipped":
      return [entry("stepSkipped", { step, filled: { text: now.reason, said: now.said } })];
    case "failed":
      return [
        entry("stepFailed", {
          step,
          tone: "bad",
          port: now.problem?.port ?? undefined,
          filled: { seconds, text: now.problem?.message, said: now.problem?.said },
        }),
      ];
    case "cancelled":
      return [entry("stepCancelled", { step })];
    default:
      return [];
  }
}
