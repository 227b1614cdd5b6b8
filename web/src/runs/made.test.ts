import { expect, it } from "vitest";
import type { Schemas } from "@/client/api";
import type { Run } from "@/client/run";
import { makings, treeOf } from "./made";

const file = (sha256: string) => ({ sha256, media_type: "text/plain", size: 1 });
const call = (step: string, inputs: object, outputs: object, seconds = 1) => ({
  run: "r",
  step,
  result: {
    key: step,
    service: `${step}-service`,
    version: "2.0",
    identity: "",
    params: { seed: 7 },
    inputs,
    outputs,
    created: 0,
    seconds,
  },
});
const story = {
  artifact: file("cover"),
  uploaded: null,
  made: [
    call("hear", { song: file("song") }, { words: file("words"), text: file("text") }),
    call("paint", { text: file("text"), brief: file("brief") }, { picture: file("other") }),
    call("paint", { text: file("text"), brief: file("brief") }, { picture: file("cover") }, 2),
  ],
} as unknown as Schemas["Provenance"];
const run = {
  inputs: { song: { ...file("song"), name: "song.opus", url: "" } },
  steps: [{ id: "direct", edited: true, outputs: { brief: { ...file("brief"), name: "", url: "" } } }],
} as unknown as Run;

it("tells the calls of a step as one, with where its inputs come from", () => {
  const [hear, paint] = makings(story, run);
  expect(hear).toMatchObject({
    service: "hear-service",
    version: "2.0",
    params: [["seed", 7]],
    outputs: ["words", "text"],
  });
  expect(hear!.inputs[0]!.from).toMatchObject([{ kind: "input", name: "song" }]);
  expect(paint).toMatchObject({ calls: 2, seconds: 3 });
  expect(paint!.inputs.map((each) => each.from)).toMatchObject([
    [{ kind: "step", step: "hear", port: "text" }],
    [{ kind: "hand", step: "direct", port: "brief" }],
  ]);
});
it("leads back to what was given", () => {
  const tree = treeOf(story, run);
  expect(tree.making?.step).toBe("paint");
  expect(tree.of[0]!.branches[0]!.of[0]!.branches[0]!.origin).toMatchObject({ kind: "input", name: "song" });
});
it("says that it does not know what is not known", () => {
  const lost = { ...story, made: story.made.slice(1) };
  expect(makings(lost, run)[0]!.inputs[0]!.from).toMatchObject([{ kind: "unknown" }]);
});
