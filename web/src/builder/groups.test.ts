import { describe, expect, it } from "vitest";
import { blank, type Pipeline, type Step } from "./document";
import { apply } from "./edits";
import { edgesOf, nodesOf, type Services } from "./graph";
import { grouped, groupOf, movesTo, shownPlaces, stepsOf } from "./groups";
import { insertion } from "./insertion";
import { fragmentOf, pasted } from "./clipboard";
import { around, opened, stepsWithin, straight } from "./nesting";

const NONE: Services = new Map();
const step = (id: string, inputs: Record<string, string> = {}): Step => ({ id, service: "shout", params: {}, inputs });
const chain: Pipeline = {
  ...blank("chain"),
  inputs: { text: { media: "text/plain" } },
  steps: [step("a", { text: "inputs.text" }), step("b", { text: "a.output" }), step("c", { text: "b.output" })],
  outputs: { said: "c.output" },
};
const view = (pipeline: Pipeline) =>
  grouped(pipeline, { nodes: nodesOf(pipeline, new Map()), edges: edgesOf(pipeline, new Map()) });
const made = (pipeline: Pipeline, nodes: string[]) => apply(pipeline, groupOf(pipeline, nodes, "Two")!.edit);
const fold = (pipeline: Pipeline, id: string, closed = true) =>
  apply(pipeline, { type: "set-group", id, group: { ...pipeline.layout.groups[id]!, closed } });
const shut = (pipeline: Pipeline) => fold(pipeline, "g1");

describe("a closed group", () => {
  const { nodes, edges } = view(shut(made(chain, ["a", "b"])));
  it("is one node with the ports that cross its border", () => {
    const group = nodes.find((node) => node.id === "groups.g1")!;
    expect(nodes.map((node) => node.id).sort()).toEqual(["c", "groups.g1", "inputs.text", "outputs.said"]);
    expect(group.data!.inputs.map((port) => port.name)).toEqual(["a.text"]);
    expect(group.data!.outputs.map((port) => port.name)).toEqual(["b.output"]);
  });
  it("takes the ends of the connections that cross it, and hides those within", () => {
    expect(
      edges.map(({ source, sourceHandle, target, targetHandle }) => [source, sourceHandle, target, targetHandle]),
    ).toEqual([
      ["inputs.text", "text", "groups.g1", "a.text"],
      ["groups.g1", "b.output", "c", "text"],
      ["c", "output", "outputs.said", "said"],
    ]);
    expect(edges[0]!.data).toMatchObject({ step: "a", port: "text" });
  });
});

describe("a group", () => {
  it("has a frame around its steps while it is open", () => {
    const { nodes } = view(made(chain, ["a", "b"]));
    expect(nodes.filter((node) => node.type === "frame")).toHaveLength(1);
    expect(nodes.filter((node) => node.type === "step")).toHaveLength(3);
  });
  it("takes its steps out of the group that they were in", () => {
    const twice = made(made(chain, ["a", "b"]), ["b", "c"]);
    expect(twice.layout.groups.g1!.steps).toEqual(["a"]);
    expect(twice.layout.groups.g2!.steps).toEqual(["b", "c"]);
    expect(made(twice, ["a"]).layout.groups.g1).toBeUndefined();
  });
  it("never changes what the pipeline does", () => {
    const { layout: _, ...meaning } = shut(made(chain, ["a", "b"]));
    const { layout: __, ...before } = chain;
    expect(meaning).toEqual(before);
  });
  it("goes with its steps when it is removed", () => {
    const rest = apply(shut(made(chain, ["a", "b"])), { type: "remove", nodes: ["groups.g1"] });
    expect([rest.steps.map((each) => each.id), rest.layout.groups]).toEqual([["c"], {}]);
  });
  it("takes its steps along when it is moved", () => {
    const before = shut(made(chain, ["a", "b"]));
    const { x, y } = shownPlaces(before, NONE).get("groups.g1")!;
    const after = apply(before, movesTo(before, NONE, { "groups.g1": { x: x + 50, y: y - 10 } }));
    for (const id of ["a", "b"]) {
      const [was, is] = [nodesOf(before, new Map()), nodesOf(after, new Map())].map((all) =>
        all.find((n) => n.id === id)!,
      );
      expect(is!.position).toEqual({ x: was!.position.x + 50, y: was!.position.y - 10 });
    }
  });
  it("stands for its steps in a selection", () => {
    expect(stepsOf(made(chain, ["a", "b"]), ["groups.g1", "c", "inputs.text"])).toEqual(["a", "b", "c"]);
  });
});

describe("a group in a group", () => {
  /** g2 holds c and g1, which holds a and b. */
  const nest = made(made(chain, ["a", "b"]), ["groups.g1", "c"]);
  const kinds = (pipeline: Pipeline) => Object.fromEntries(view(pipeline).nodes.map((node) => [node.id, node.type]));

  it("stands within it, and so do their frames", () => {
    expect(nest.layout.groups).toEqual({
      g1: { title: "Two", steps: ["a", "b"], within: "g2" },
      g2: { title: "Two", steps: ["c"] },
    });
    const { nodes } = view(nest);
    expect(nodes.filter((node) => node.type === "frame").map((node) => [node.id, node.data!.within])).toEqual([
      ["groups.g2", undefined],
      ["groups.g1", "groups.g2"],
    ]);
    const [outer, inner] = ["groups.g2", "groups.g1"].map((id) => nodes.find((node) => node.id === id)!);
    expect(outer!.position.x).toBeLessThan(inner!.position.x);
    expect(outer!.position.y).toBeLessThan(inner!.position.y);
    expect(outer!.zIndex).toBeLessThan(inner!.zIndex as number);
  });
  it("is closed and opened at each level", () => {
    expect(kinds(fold(nest, "g1"))).toMatchObject({ "groups.g1": "group", "groups.g2": "frame", c: "step" });
    const whole = fold(fold(nest, "g1"), "g2");
    expect(Object.keys(kinds(whole)).sort()).toEqual(["groups.g2", "inputs.text", "outputs.said"]);
    expect(view(whole).edges.map((edge) => [edge.source, edge.target])).toEqual([
      ["inputs.text", "groups.g2"],
      ["groups.g2", "outputs.said"],
    ]);
    expect(kinds(fold(whole, "g2", false))["groups.g1"]).toBe("group");
  });
  it("is moved, removed and stands for its steps with the one around it", () => {
    const { x, y } = shownPlaces(nest, NONE).get("groups.g2")!;
    const after = apply(nest, movesTo(nest, NONE, { "groups.g2": { x: x + 30, y } }));
    for (const id of ["a", "b", "c", "groups.g1"])
      expect(shownPlaces(after, NONE).get(id)!.x).toBe(shownPlaces(nest, NONE).get(id)!.x + 30);
    expect(stepsOf(nest, ["groups.g2"]).sort()).toEqual(["a", "b", "c"]);
    expect(apply(nest, { type: "remove", nodes: ["groups.g2"] })).toMatchObject({ steps: [], layout: { groups: {} } });
    expect(apply(nest, { type: "remove", nodes: ["groups.g1"] }).layout.groups).toEqual({
      g2: { title: "Two", steps: ["c"] },
    });
  });
  it("is made of some of the steps of a group, and stays when the one around it is taken apart", () => {
    const inner = made(made(chain, ["a", "b"]), ["a"]);
    expect(inner.layout.groups).toMatchObject({ g1: { steps: ["b"] }, g2: { steps: ["a"], within: "g1" } });
    expect(opened(inner.layout.groups, "g1")).toEqual({ g2: { title: "Two", steps: ["a"] } });
    expect(opened(nest.layout.groups, "g1")).toEqual({ g2: { title: "Two", steps: ["c", "a", "b"] } });
  });
  it("is copied with it", () => {
    const twice = apply(nest, pasted(nest, fragmentOf(nest, NONE, ["groups.g2"])!).edit);
    expect(twice.layout.groups).toMatchObject({
      g3: { steps: ["a_2", "b_2"], within: "g4" },
      g4: { steps: ["c_2"] },
    });
  });
  it("of a document that turns in a circle harms nothing", () => {
    const groups = { g1: { title: "", steps: ["a"], within: "g2" }, g2: { title: "", steps: [], within: "g1" } };
    expect(stepsWithin(groups, "g1")).toEqual(["a"]);
    expect(around(groups, "g1")).toEqual(["g2"]);
    expect(Object.values(straight(groups)).map((group) => group.within)).toEqual([undefined, undefined]);
  });
});

describe("a note", () => {
  const noted = apply(chain, { type: "set-note", id: "n1", note: { x: 0, y: 0, text: "# Why\nso" } });
  it("is a node, is moved and removed", () => {
    expect(view(noted).nodes.find((node) => node.id === "notes.n1")!.data!.title).toBe("Why");
    expect(apply(noted, movesTo(noted, NONE, { "notes.n1": { x: 5, y: 6 } })).layout.notes.n1).toMatchObject({
      x: 5,
      y: 6,
    });
    expect(apply(noted, { type: "remove", nodes: ["notes.n1"] }).layout.notes).toEqual({});
  });
});

describe("a pipeline put into another one", () => {
  it("is a closed group with free names, wired to inputs of the same name", () => {
    const both = apply(chain, insertion(chain, NONE, chain).edit);
    expect(both.steps.slice(3)).toEqual([
      step("a_2", { text: "inputs.text" }),
      step("b_2", { text: "a_2.output" }),
      step("c_2", { text: "b_2.output" }),
    ]);
    expect(both.layout.groups.g1).toEqual({ title: "chain", steps: ["a_2", "b_2", "c_2"], closed: true });
    expect(both.outputs).toEqual(chain.outputs);
  });
  it("brings inputs that are not there, and outputs where there are none", () => {
    const other = { ...chain, inputs: { text: { media: "audio/*" } } };
    const both = apply(chain, insertion(chain, NONE, other).edit);
    expect(Object.keys(both.inputs)).toEqual(["text", "text_2"]);
    expect(both.steps[3]!.inputs).toEqual({ text: "inputs.text_2" });
    expect(apply(blank(), insertion(blank(), NONE, chain).edit).outputs).toEqual({ said: "c.output" });
  });
});
