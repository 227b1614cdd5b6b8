import { expect, it } from "vitest";
import type { Run } from "@/client/run";
import { pair, steps, values, type Plan, type Side } from "./compare";

const file = (sha256: string) => ({ sha256, media_type: "image/png", size: 1, name: sha256, url: "" });
const side = (tasks: object[], outputs: Record<string, string>): Side => ({
  run: {
    steps: tasks.map((task) => {
      const { id } = task as { id: string };
      return { id, status: "finished", outputs: outputs[id] ? { out: file(outputs[id]) } : {} };
    }),
  } as unknown as Run,
  plan: { tasks } as unknown as Plan,
});
const task = (id: string, params: object = {}, version = "1.0") => ({ id, service: "paint", version, params });

it("finds what differs in steps: versions, parameters, what they gave, and steps that one has not", () => {
  const found = steps(
    side([task("a"), task("b", { seed: 1, size: { w: 1, h: 2 } }), task("c"), task("d")], { a: "1", b: "2", c: "3" }),
    side([task("a"), task("b", { seed: 2, size: { h: 2, w: 1 } }), task("c", {}, "1.1")], { a: "1", b: "9", c: "3" }),
  );
  expect(found.map((each) => [each.name, each.same])).toEqual([
    ["a", true],
    ["b", false],
    ["c", false],
    ["d", false],
  ]);
  expect(found[1]!.params.map((each) => each.same)).toEqual([false, true]);
  expect(found[1]!.outputs[0]!.same).toBe(false);
  expect(found[2]!.service).toMatchObject({ left: "paint 1.0", right: "paint 1.1", same: false });
});
it("compares values by their content", () => {
  const found = values(
    { x: file("1"), y: [file("2"), file("3")] },
    { x: { ...file("1"), name: "other" }, y: [file("2")] },
  );
  expect(found.map((each) => each.same)).toEqual([true, false]);
});
it("knows that nothing is not something", () => {
  expect([pair("a", 1, undefined).same, pair("a", undefined, undefined).same]).toEqual([false, true]);
});
