import { expect, it } from "vitest";
import type { Event, StepState } from "@/client/events";
import type { Run, StepView } from "@/client/run";
import { entriesOf } from "./log";
import { barsOf, ticks } from "./timeline";

const step = (id: string, change: Partial<StepState>): StepState => ({
  ...({ id, service: "x", version: "1", status: "pending", attempt: 0, started: null, finished: null } as const),
  ...({ seconds: null, spent: null, progress: null, cached: false, edited: false, reason: "", problem: null } as const),
  outputs: {},
  ...change,
});
let seq = 0;
const changed = (at: number, id: string, change: Partial<StepState>): Event => ({
  ...{ type: "step-changed", seq: ++seq, at },
  step: step(id, change),
});
const begun = (at: number): Event => ({ type: "run-started", seq: ++seq, at, given: {} });
const run = (begun: number, ...steps: StepState[]) =>
  ({ status: "running", created: 0, begun, steps: steps as StepView[] }) as Run;

it("shows each attempt, and what was cut off", () => {
  const ended = { status: "finished", attempt: 2, started: 10, finished: 14 } as const;
  const events = [
    begun(1),
    changed(2, "a", { status: "running", started: 2 }),
    begun(10),
    changed(10, "a", { status: "running", started: 10, attempt: 1 }),
    changed(12, "a", { status: "running", started: 10, attempt: 2 }),
    changed(14, "a", ended),
  ];
  const [bar] = barsOf(run(10, step("a", ended)), events, new Map(), 20);
  expect(bar!.pieces).toEqual([
    { kind: "lost", from: 2, to: 10 },
    { kind: "again", from: 10, to: 12 },
    { kind: "work", from: 12, to: 14 },
  ]);
  expect(bar!.took).toBe(4);
  expect(entriesOf(events).map((entry) => entry.key)).toEqual([
    ...["begun", "stepBegins", "begunAgain", "stepBegins", "again", "stepFinished"],
  ]);
});

it("tells how long a step waited for its turn, and grows while it works", () => {
  const first = step("a", { status: "finished", started: 1, finished: 4 });
  const bars = barsOf(
    run(1, first, step("b", { status: "running", started: 6 }), step("c", {})),
    [changed(4, "a", first), changed(6, "b", { status: "running", started: 6 })],
    new Map([["b", ["a"]]]),
    9,
  );
  expect(bars[1]).toMatchObject({ waited: 2, took: 3 });
  expect(bars[1]!.pieces).toEqual([
    { kind: "waiting", from: 4, to: 6 },
    { kind: "work", from: 6, to: 9 },
  ]);
  expect(bars[2]).toMatchObject({ took: undefined });
});

it("says of progress and failures where they are", () => {
  const entries = entriesOf([
    begun(1),
    changed(2, "a", { status: "running", started: 2, attempt: 1 }),
    changed(3, "a", { status: "running", started: 2, attempt: 1, progress: { fraction: 0.5, message: "half" } }),
    changed(4, "a", {
      status: "failed",
      problem: { code: "x", message: "too dark", step: "a", port: "song", suggestions: [] },
    }),
    {
      type: "run-finished",
      seq: 99,
      at: 5,
      status: "failed",
      outputs: {},
      problems: [{ code: "x", message: "too dark", step: "a", port: "song", suggestions: [] }],
    },
  ]);
  expect(entries.map((entry) => entry.key)).toEqual(["begun", "stepBegins", "share", "stepFailed", "failed"]);
  expect(entries[3]).toMatchObject({ step: "a", port: "song", tone: "bad", filled: { text: "too dark" } });
});

it("marks an axis with round times", () => {
  expect(ticks(21.7)).toEqual([0, 5, 10, 15, 20]);
  expect(ticks(0.9)).toEqual([0, 0.2, 0.4, 0.6, 0.8]);
  expect(ticks(600).length).toBeLessThan(8);
});
