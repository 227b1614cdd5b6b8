/** When each step waited and worked. Times are seconds since the epoch. */
import type { Event } from "@/client/events";
import { done, type Run, type StepView } from "@/client/run";

export interface Piece {
  /** `again`: an attempt that failed and was followed by another; `lost`: cut off when the server went away. */
  kind: "work" | "again" | "lost" | "waiting";
  from: number;
  to: number;
}
export interface Bar {
  step: StepView;
  pieces: Piece[];
  /** Seconds between all that it needs being there and its beginning. */
  waited: number;
  took: number | undefined;
}

/** The bars of a run's steps. `needs` are the steps that each step reads; `now` is where what is under way ends. */
export function barsOf(run: Run, events: readonly Event[], needs: Map<string, readonly string[]>, now: number): Bar[] {
  const tries = triesOf(events);
  const ends = new Map(run.steps.map((step) => [step.id, step.finished]));
  const begun = run.begun ?? run.created;
  return run.steps.map((step) => {
    const before = (needs.get(step.id) ?? []).map((id) => ends.get(id));
    const ready = before.includes(null) ? undefined : Math.max(begun, ...before.map((end) => end ?? begun));
    // What was taken over from another run happened before this one.
    const own = step.started !== null && step.started >= begun - 1;
    const end = step.finished ?? now;
    const from = own ? step.started! : step.status === "pending" && !done(run) ? now : undefined;
    const waited = ready !== undefined && from !== undefined ? Math.max(0, from - ready) : 0;
    const pieces = (tries.get(step.id) ?? []).map((piece) => ({ ...piece, to: piece.to || end }));
    if (own && !pieces.length) pieces.push({ kind: "work", from: step.started!, to: end });
    if (waited && ready !== undefined) pieces.unshift({ kind: "waiting", from: ready, to: ready + waited });
    return {
      step,
      pieces,
      waited,
      took: own && step.status !== "skipped" ? Math.max(0, end - step.started!) : undefined,
    };
  });
}

/** The attempts of each step; one that is under way ends at 0. */
function triesOf(events: readonly Event[]): Map<string, Piece[]> {
  const found = new Map<string, Piece[]>();
  for (const event of events) {
    if (event.type === "run-started") {
      for (const pieces of found.values()) close(pieces, event.at, "lost");
    }
    if (event.type !== "step-changed" || !event.step.started) continue;
    const { id, status, attempt, started, finished } = event.step;
    const pieces = found.get(id) ?? [];
    found.set(id, pieces);
    const open = pieces.at(-1);
    const number = pieces.filter((piece) => piece.kind !== "lost").length;
    if (!open || open.to || (status === "running" && attempt > Math.max(1, number))) {
      close(pieces, event.at, "again");
      pieces.push({ kind: "work", from: attempt > 1 ? event.at : started, to: 0 });
    }
    if (finished) close(pieces, finished, "work");
  }
  return found;
}

function close(pieces: Piece[], at: number, kind: Piece["kind"]): void {
  const open = pieces.at(-1);
  if (open && !open.to) [open.to, open.kind] = [at, kind];
}

/** Round times for the axis of a span, in seconds from its beginning. */
export function ticks(span: number, most = 6): number[] {
  const rough = span / most;
  const power = 10 ** Math.floor(Math.log10(Math.max(rough, 1e-3)));
  const size = [1, 2, 5, 10].map((each) => each * power).find((each) => each >= rough) ?? power * 10;
  return Array.from({ length: Math.floor(span / size) + 1 }, (_, at) => Number((at * size).toPrecision(6)));
}
