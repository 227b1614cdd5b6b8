import { expect, it } from "vitest";
import type { Event, StepState } from "./events";
import { applied, type Run } from "./run";

const state = (id: string, change: Partial<StepState> = {}): StepState => ({
  ...({ id, service: "shout", version: "1.0", status: "pending", attempt: 0, started: null, finished: null } as const),
  ...({ seconds: null, spent: null, progress: null, cached: false, edited: false, reason: "", problem: null } as const),
  outputs: {},
  ...change,
});
const run = (...steps: StepState[]) =>
  ({ id: "r", status: "pending", seq: 1, updated: 0, place: 3, steps, outputs: {}, problems: [] }) as unknown as Run;
const artifact = { sha256: "ab", media_type: "text/plain", size: 2 };

it("takes an event once, however often it comes", () => {
  const event: Event = {
    type: "step-changed",
    seq: 2,
    at: 9,
    step: state("a", { status: "finished", outputs: { x: artifact } }),
  };
  const once = applied(run(state("a"), state("b")), event);
  expect([once.progress, once.steps[0]!.status, once.seq]).toEqual([0.5, "finished", 2]);
  expect(once.steps[0]!.outputs).toEqual({ x: { ...artifact, name: "a-x", url: "/artifacts/ab" } });
  expect(applied(once, event)).toBe(once);
});

it("forgets what was under way when a run is begun again, and keeps what is given", () => {
  const before = run(state("a", { status: "finished", started: 1, finished: 2 }), state("b", { status: "running" }));
  const given = { a: state("a", { status: "finished", cached: true }) };
  const now = applied(before, { type: "run-started", seq: 5, at: 7, given });
  expect(now.steps.map((step) => [step.status, step.cached])).toEqual([
    ["finished", true],
    ["pending", false],
  ]);
  expect([now.status, now.begun, now.place, now.steps[0]!.service]).toEqual(["running", 7, null, "shout"]);
});

it("ends with outputs that have names and links", () => {
  const ended = applied(run(), {
    ...{ type: "run-finished", seq: 3, at: 8, status: "finished", problems: [] },
    outputs: { covers: [artifact, artifact] },
  });
  expect(ended.outputs.covers).toMatchObject([{ name: "covers-1" }, { name: "covers-2" }]);
});
