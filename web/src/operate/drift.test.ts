import { describe, expect, it } from "vitest";
import { agreement, worst, type Drift, type Trait } from "./drift";

const trait = (name: string, index: number, limit: number, verdict: Trait["verdict"]): Trait => ({
  trait: name,
  index,
  limit,
  verdict,
  edges: [],
  expected: {},
  seen: {},
});
const report = (more: Partial<Drift>): Drift => ({
  model: "m",
  version: "m@1",
  calls: 60,
  since: null,
  verdict: "like",
  traits: [],
  shadow: {},
  ...more,
});

describe("drift", () => {
  it("tells of the trait that is furthest from the training", () => {
    const traits = [trait("a", 0.3, 0.6, "like"), trait("b", 0.2, 0.25, "moved"), trait("c", 2, 9, "few")];
    expect(worst(report({ traits }))?.trait).toBe("b");
    expect(worst(report({ traits: [...traits, trait("d", 0.9, 0.6, "drifted")] }))?.trait).toBe("d");
  });

  it("tells of none while calls are few", () => {
    expect(worst(report({ traits: [trait("a", 5, 9, "few")] }))).toBeUndefined();
    expect(worst(report({}))).toBeUndefined();
  });

  it("says how often a candidate agreed, a failure being no agreement", () => {
    expect(agreement(report({ shadow: { same: 6, different: 3, failed: 1 } }))).toEqual({ calls: 10, share: 0.6 });
    expect(agreement(report({}))).toBeUndefined();
  });
});
