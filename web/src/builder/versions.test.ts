import { describe, expect, it } from "vitest";
import { blank, type Pipeline, type Step } from "./document";
import { compared, markOf, nodeOfChange, type Change } from "./versions";

const step = (id: string, inputs: Record<string, string> = {}): Step => ({ id, service: "shout", params: {}, inputs });
const old: Pipeline = {
  ...blank(),
  inputs: { text: { media: "text/plain" } },
  steps: [step("a", { text: "inputs.text" }), step("b", { text: "a.output" }), step("c", { text: "a.output" })],
  outputs: { said: "b.output" },
};
const now: Pipeline = {
  ...old,
  steps: [step("first", { text: "inputs.text" }), step("b", { text: "d.output" }), step("d", { text: "first.output" })],
};
const change = (kind: string, more: Partial<Change> = {}): Change =>
  ({ kind, step: null, name: null, old: null, new: null, message: "", ...more }) as Change;
const changes = [
  change("step-renamed", { step: "first", old: "a", new: "first" }),
  change("edge", { step: "b", name: "text", old: "first.output", new: "d.output" }),
  change("step-added", { step: "d", new: {} }),
  change("step-removed", { step: "c", old: {} }),
];

describe("two versions as one graph", () => {
  const { nodes, edges } = compared(old, now, changes, new Map());
  const marks = Object.fromEntries(nodes.map((node) => [node.id, node.data!.mark]));
  it("has what is gone, what is new and what is different, marked", () => {
    expect(marks).toEqual({
      "inputs.text": undefined,
      first: "changed",
      b: "changed",
      c: "removed",
      d: "added",
      "outputs.said": undefined,
    });
  });
  it("marks the connections, and knows those of a renamed step again", () => {
    const marked = edges.filter((edge) => /added|removed/.test(edge.class as string));
    expect(Object.fromEntries(marked.map((edge) => [edge.id, (edge.class as string).split(" ").at(-1)]))).toEqual({
      "d.output→b.text": "added",
      "first.output→d.text": "added",
      "first.output→b.text": "removed",
      "first.output→c.text": "removed",
    });
  });
  it("is the version alone when there is nothing to compare it with", () => {
    expect(compared(undefined, now, [], new Map()).edges.every((edge) => !/added/.test(edge.class as string))).toBe(
      true,
    );
  });
});

describe("a change", () => {
  it("is something new, something gone, or another value", () => {
    expect(markOf(change("param", { step: "a", name: "x", new: 1 }))).toBe("added");
    expect(markOf(change("param", { step: "a", name: "x", old: 1 }))).toBe("removed");
    expect(markOf(change("param", { step: "a", name: "x", old: 1, new: 2 }))).toBe("changed");
    expect(markOf(change("step-added", { step: "a", new: {} }))).toBe("added");
  });
  it("is at a node of the graph where it is about one", () => {
    expect(nodeOfChange(change("output", { name: "said" }))).toBe("outputs.said");
    expect(nodeOfChange(change("input", { name: "text" }))).toBe("inputs.text");
    expect(nodeOfChange(change("about", { name: "description" }))).toBeUndefined();
  });
});
