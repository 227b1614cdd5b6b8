import { expect, it } from "vitest";
import type { Run, StepView } from "@/client/run";
import { bySong } from "./history";
import { byName, bySound } from "./preflight";
import { reuse, roughly, standing } from "./progress";
import { remaining } from "./remaining";

const step = (id: string, more: Partial<StepView> = {}) =>
  ({ id, status: "finished", started: null, finished: null, cached: false, edited: false, ...more }) as StepView;

it("adds up what the steps that have not ended will take", () => {
  const steps = [
    step("a"),
    step("b", { status: "running", started: 96 }),
    step("c", { status: "pending" }),
    step("d", { status: "skipped" }),
  ];
  expect(remaining(steps, new Map(Object.entries({ b: 10, c: 5 })), 100)).toBe(11);
});
it("says nothing when a step was never seen before", () => {
  expect(remaining([step("a", { status: "pending" })], new Map(), 0)).toBeUndefined();
});
it("speaks of a wait as a person would", () => {
  expect([3, 18, 41, 119, 170].map((seconds) => roughly(seconds))).toEqual([
    { unit: "seconds", count: 5 },
    { unit: "seconds", count: 20 },
    { unit: "seconds", count: 50 },
    { unit: "minutes", count: 2 },
    { unit: "minutes", count: 3 },
  ]);
});

it("tells what was kept of the run before from what was done anew", () => {
  const steps = [
    step("style", { finished: 50 }),
    step("recognise", { finished: 60, edited: true }),
    step("analyse", { finished: 110 }),
    step("paint", { finished: 120, cached: true }),
  ];
  const run = { created: 100, parent: "p", steps } as Run;
  expect(reuse(run)).toEqual({ kept: ["style", "paint"], anew: ["analyse"] });
  expect(standing(run, steps[1]!)).toBe("edited");
  expect(reuse({ ...run, parent: null })).toEqual({ kept: [], anew: [] });
});

it("shows a song once, however often it was gone on from", () => {
  const head = (id: string, parent: string | null = null) => ({ id, parent });
  const found = bySong([head("c", "b"), head("d", "a"), head("x"), head("b", "a"), head("a")]);
  expect(found.map((song) => song.map((each) => each.id))).toEqual([["c", "d", "b", "a"], ["x"]]);
});

it("refuses what is no sound by its name and type, and lets the server judge the rest", () => {
  const file = (name: string, type = "", size = 9) => byName({ name, type, size });
  expect(file("a.pdf", "application/pdf")).toBe("notAudio");
  expect(file("a.mp3", "audio/mpeg", 0)).toBe("empty");
  expect([file("a.aiff"), file("clip", "video/mp4"), file("a.OGG", "application/ogg")]).toEqual(
    Array(3).fill(undefined),
  );
});
it("refuses silence, and less than a second", () => {
  const quiet = new Float32Array(10);
  const heard = Float32Array.of(0, 0.2, 0);
  expect([bySound([quiet], 9), bySound([quiet, heard], 9), bySound([heard], 0.4)]).toEqual([
    "silent",
    undefined,
    "short",
  ]);
});
