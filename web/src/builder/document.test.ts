import { describe, expect, it } from "vitest";
import { blank, freeName, type Pipeline, type Step } from "./document";
import { apply, copies } from "./edits";
import { useHistory } from "./history";

const step = (id: string, inputs: Record<string, string> = {}, more: Partial<Step> = {}): Step => ({
  id,
  service: "shout",
  params: {},
  inputs,
  ...more,
});
const chain: Pipeline = {
  ...blank(),
  inputs: { text: { media: "text/plain" } },
  steps: [step("a", { text: "inputs.text" }), step("b", { text: "a.output" }, { when: "a.output != 'a.x'" })],
  outputs: { said: "b.output" },
};

describe("an edit of a pipeline", () => {
  it("leaves the document before as it was", () => {
    const before = structuredClone(chain);
    apply(chain, { type: "remove", nodes: ["a"] });
    expect(chain).toEqual(before);
  });
  it("removes what read a removed step", () => {
    const after = apply(chain, { type: "remove", nodes: ["a"] });
    expect(after.steps).toEqual([step("b", {}, { when: "a.output != 'a.x'" })]);
  });
  it("removes outputs of a removed step", () => {
    expect(apply(chain, { type: "remove", nodes: ["b"] }).outputs).toEqual({});
  });
  it("renames a step wherever it is read, but not inside quotes", () => {
    const after = apply(chain, { type: "rename-step", step: "a", to: "first" });
    expect(after.steps[1]).toMatchObject({ inputs: { text: "first.output" }, when: "first.output != 'a.x'" });
  });
  it("takes a parameter away when its value is", () => {
    const set = apply(chain, { type: "set-param", step: "a", name: "times", value: 3 });
    expect(set.steps[0]?.params).toEqual({ times: 3 });
    expect(apply(set, { type: "set-param", step: "a", name: "times", value: undefined }).steps[0]?.params).toEqual({});
  });
});

describe("copies of steps", () => {
  it("read the copies of what they were copied with", () => {
    expect(copies(chain, chain.steps).map((each) => each.inputs)).toEqual([
      { text: "inputs.text" },
      { text: "a_2.output" },
    ]);
  });
  it("have names that are free", () => {
    expect(freeName(chain, "Speech recognition!")).toBe("speech_recognition");
    expect(freeName(chain, "a")).toBe("a_2");
  });
});

describe("the history of a document", () => {
  it("undoes and redoes everything", () => {
    const history = useHistory(chain);
    const seen = [history.present.value];
    for (const id of ["x", "y", "z"]) {
      history.edit({ type: "add-step", step: step(id), at: { x: 0, y: 0 } });
      seen.push(history.present.value);
    }
    for (const expected of seen.slice(0, -1).reverse()) {
      history.undo();
      expect(history.present.value).toBe(expected);
    }
    while (history.canRedo.value) history.redo();
    expect(history.present.value).toBe(seen.at(-1));
  });
  it("undoes the moves of one slider at once", () => {
    const history = useHistory(chain);
    for (const value of [1, 2, 3]) history.edit({ type: "set-param", step: "a", name: "times", value }, "a.times");
    history.undo();
    expect(history.present.value).toBe(chain);
  });
  it("knows whether there is something to save", () => {
    const history = useHistory(chain);
    history.edit({ type: "set-about", change: { name: "New" } });
    expect(history.changed.value).toBe(true);
    history.undo();
    expect(history.changed.value).toBe(false);
  });
});
