/** What is said of the steps of a song. */
import type { Run, StepView } from "@/client/run";

/** How a step stands in a run that may go on from another one. `kept`: it was done before, and still holds. */
export type Standing = StepView["status"] | "kept" | "edited";

export function standing(run: Pick<Run, "created" | "parent">, step: StepView): Standing {
  if (step.edited) return "edited";
  const before = !!run.parent && step.finished !== null && step.finished < run.created;
  return step.status === "finished" && (before || step.cached) ? "kept" : step.status;
}

/** What was kept of the run before and what was done anew, for a run that goes on from another one. */
export function reuse(run: Run): { kept: string[]; anew: string[] } {
  const of = (which: Standing) => run.steps.filter((step) => standing(run, step) === which).map((step) => step.id);
  return run.parent ? { kept: of("kept"), anew: of("finished") } : { kept: [], anew: [] };
}

/** Seconds as somebody waiting would say them: by tens beyond twenty, by minutes beyond one and a half. */
export function roughly(seconds: number): { unit: "seconds" | "minutes"; count: number } {
  if (seconds > 90) return { unit: "minutes", count: Math.round(seconds / 60) };
  if (seconds > 20) return { unit: "seconds", count: Math.ceil(seconds / 10) * 10 };
  return { unit: "seconds", count: Math.max(Math.ceil(seconds / 5) * 5, 5) };
}
