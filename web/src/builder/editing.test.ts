import { afterEach, describe, expect, it, vi } from "vitest";
import { nextTick, ref } from "vue";
import { nextOf } from "./around";
import { fragmentOf, pasted } from "./clipboard";
import { blank, type Pipeline, type Step } from "./document";
import { apply } from "./edits";
import { actionOf, comboOf, labelOf } from "./keys";
import { paletteOf, typesOf } from "./palette";
import { freePlace } from "./places";
import { draftOf, useDraft } from "./useDraft";
import { useEditing } from "./useEditing";
import { anew, sameMeaning } from "./useRunning";
import { useWiring } from "./useWiring";
import { placesOf, type Service, type Services } from "./graph";

const NONE: Services = new Map();
const step = (id: string, inputs: Record<string, string> = {}, service = "shout"): Step => ({
  id,
  service,
  params: {},
  inputs,
});
const chain: Pipeline = {
  ...blank(),
  inputs: { text: { media: "text/plain" } },
  steps: [step("a", { text: "inputs.text" }), step("b", { text: "a.output" })],
  outputs: { said: "b.output" },
};

describe("names", () => {
  it("are given to a step, an input or an output, wherever it is read", () => {
    const editing = useEditing();
    editing.open(chain);
    expect(editing.rename("a", "first")).toBe(true);
    expect(editing.rename("inputs.text", "words")).toBe(true);
    expect(editing.rename("outputs.said", "heard")).toBe(true);
    expect(editing.pipeline.value).toMatchObject({
      inputs: { words: { media: "text/plain" } },
      steps: [
        { id: "first", inputs: { text: "inputs.words" } },
        { id: "b", inputs: { text: "first.output" } },
      ],
      outputs: { heard: "b.output" },
    });
    expect(editing.selection.value).toEqual(["outputs.heard"]);
  });
  it("are refused when they are none, or taken", () => {
    const editing = useEditing();
    editing.open(chain);
    for (const name of ["b", "B", "1a", "", "inputs", "a b"]) expect(editing.rename("a", name)).toBe(false);
    expect(editing.canUndo.value).toBe(false);
  });
  it("of what is given out are free", () => {
    const editing = useEditing();
    editing.open({ ...chain, outputs: { a: "b.output" } });
    expect([editing.offer("a.output"), editing.offer("a.output")]).toEqual(["a_2", "a_3"]);
  });
});

describe("several edits as one", () => {
  it("are undone together", () => {
    const editing = useEditing();
    editing.open(chain);
    editing.edit({
      type: "all",
      edits: [
        { type: "disconnect", step: "a", port: "text" },
        { type: "remove", nodes: ["b"] },
      ],
    });
    expect(editing.pipeline.value.steps).toEqual([step("a")]);
    editing.undo();
    expect(editing.pipeline.value).toBe(chain);
  });
});

describe("a copy", () => {
  it("takes the inputs along that it reads, and forgets what is not there", () => {
    const part = fragmentOf(chain, NONE, ["a"])!;
    const there = apply(blank(), pasted(blank(), part).edit);
    expect(there).toMatchObject({ inputs: chain.inputs, steps: [step("a", { text: "inputs.text" })] });
    const alone = fragmentOf(chain, NONE, ["b"])!;
    expect(apply(blank(), pasted(blank(), alone).edit).steps).toEqual([step("b")]);
  });
  it("has names that are free, and reads what the first reads", () => {
    const { edit, nodes } = pasted(chain, fragmentOf(chain, NONE, ["a", "b"])!);
    expect(nodes).toEqual(["a_2", "b_2"]);
    expect(apply(chain, edit).steps.slice(2)).toEqual([
      step("a_2", { text: "inputs.text" }),
      step("b_2", { text: "a_2.output" }),
    ]);
  });
  it("of nothing is nothing", () => expect(fragmentOf(chain, NONE, ["outputs.said"])).toBeUndefined());
});

describe("keys", () => {
  const press = (key: string, more: KeyboardEventInit = {}) => new KeyboardEvent("keydown", { key, ...more });
  it("are written in one way, with Ctrl or ⌘", () => {
    expect(comboOf(press("Z", { metaKey: true, shiftKey: true }))).toBe("Mod+Shift+z");
    expect(comboOf(press("?", { shiftKey: true }))).toBe("?");
    expect(comboOf(press("ArrowUp", { shiftKey: true }))).toBe("Shift+ArrowUp");
  });
  it("without a modifier count on the graph alone", () => {
    expect(actionOf(press("c"), true)).toBe("connect");
    expect(actionOf(press("c"), false)).toBeUndefined();
    expect(actionOf(press("z", { ctrlKey: true }), false)).toBe("undo");
  });
  it("leave copying to the browser", () => expect(actionOf(press("c", { ctrlKey: true }), true)).toBeUndefined());
  it("are shown as they stand on the keyboard", () => {
    expect(labelOf("Mod+Shift+z", false)).toBe("Ctrl ⇧ Z");
    expect(labelOf("+", false)).toBe("+");
  });
});

describe("the next node", () => {
  const places = new Map(
    Object.entries({ a: { x: 0, y: 0 }, b: { x: 300, y: 20 }, c: { x: 280, y: 400 }, d: { x: 0, y: 150 } }),
  );
  it("is near ahead, not far aside", () => {
    expect(nextOf(places, "a", "ArrowRight")).toBe("b");
    expect(nextOf(places, "a", "ArrowDown")).toBe("d");
    expect(nextOf(places, "c", "ArrowLeft")).toBe("d");
    expect(nextOf(places, "a", "ArrowUp")).toBeUndefined();
  });
});

describe("the palette", () => {
  const service = (slug: string, takes: string, gives: string) =>
    ({
      slug,
      name: slug,
      summary: "",
      tags: [],
      inputs: [{ name: "in", media: [takes] }],
      outputs: [{ name: "out", media: [gives] }],
    }) as unknown as Service;
  const all = [service("listen", "audio/*", "text/plain;kind=lyrics"), service("paint", "text/plain", "image/png")];
  const found = (words: string) =>
    paletteOf(all, words, ({ slug }) => (slug === "paint" ? "Malen" : "")).map((group) => [
      group.family,
      group.services.map((each) => each.slug),
    ]);
  it("orders by what is taken", () => {
    expect(found("")).toEqual([["audio", ["listen"]], ["text", ["paint"]]]); // prettier-ignore
  });
  it("knows the types that are taken and given", () => {
    expect(typesOf(all, "inputs")).toEqual(["audio/*", "text/plain"]);
    expect(typesOf(all, "outputs")).toEqual(["image/png", "text/plain;kind=lyrics"]);
  });
  it("is searched by types and kinds too", () => {
    expect(found("lyrics")).toEqual([["audio", ["listen"]]]);
    expect(found("malen")).toEqual([["text", ["paint"]]]);
    expect(found("text image")).toEqual([["text", ["paint"]]]);
  });
});

describe("a free place", () => {
  it("is right of a node, below what stands there already", () => {
    const placed = { ...chain, layout: { ...chain.layout, nodes: { a: { x: 0, y: 0 }, b: { x: 240, y: 0 } } } };
    expect(freePlace(placed, NONE, "a")).toEqual({ x: 240, y: 140 });
    expect(freePlace(blank(), NONE)).toEqual({ x: 60, y: 140 });
  });
  const port = (name: string) => ({ name, media: ["text/plain"] });
  const wide = { slug: "shout", inputs: ["a", "b", "c", "d", "e"].map(port), outputs: [port("output")] };
  const services = new Map([["shout", wide as unknown as Service]]);
  it("reckons with ports that are not connected", () => {
    const placed = { ...chain, layout: { ...chain.layout, nodes: { a: { x: 0, y: 0 }, b: { x: 240, y: 0 } } } };
    expect(freePlace(placed, services, "a")).toEqual({ x: 240, y: 280 });
    const beside = { ...chain, steps: [step("a", { a: "inputs.text" }), step("b", { a: "inputs.text" })] };
    const [a, b] = [placesOf(beside, services).get("a")!, placesOf(beside, services).get("b")!];
    expect([a.x, b.y - a.y > 190]).toEqual([b.x, true]);
  });
});

describe("a draft", () => {
  afterEach(() => localStorage.clear());
  it("is kept while something is not saved, and only then", async () => {
    vi.useFakeTimers();
    const [pipeline, changed] = [ref<Pipeline>(blank()), ref(false)];
    useDraft(() => "mine", pipeline, changed, ref("3"));
    [pipeline.value, changed.value] = [chain, true];
    await nextTick();
    await vi.advanceTimersByTimeAsync(400);
    expect(draftOf("mine")).toMatchObject({ pipeline: chain, revision: "3" });
    expect(draftOf(undefined)).toBeUndefined();
    changed.value = false;
    await nextTick();
    await vi.advanceTimersByTimeAsync(400);
    expect(draftOf("mine")).toBeUndefined();
    vi.useRealTimers();
  });
  it("that cannot be read is none", () => {
    localStorage.setItem("halles-draft:", "{");
    expect(draftOf(undefined)).toBeUndefined();
  });
});

describe("a run from a step", () => {
  it("goes on from the run before while the document means the same", () => {
    const moved = apply(chain, { type: "move", nodes: { a: { x: 9, y: 9 } } });
    expect(sameMeaning(chain, moved)).toBe(true);
    expect(sameMeaning(chain, apply(chain, { type: "set-param", step: "a", name: "times", value: 2 }))).toBe(false);
  });
  it("of a changed document takes the inputs of the run before", () => {
    const file = (sha256: string) => ({ sha256, media_type: "text/plain", size: 1, name: "", url: "" });
    const before = { inputs: { text: file("f00"), gone: [file("ba5")] }, seed: 7 } as never;
    expect(anew(chain, before)).toEqual({ pipeline: chain, inputs: { text: { artifact: "f00" } }, seed: 7 });
  });
});

describe("a connection", () => {
  afterEach(() => vi.unstubAllGlobals());
  const answering = (answers: Record<string, unknown>) =>
    vi.stubGlobal("fetch", async (request: Request) => {
      const [, answer] = Object.entries(answers).find(([path]) => request.url.includes(path))!;
      return Response.json(answer);
    });
  const wire = { source: "inputs.text", step: "b", port: "text", map: false, problem: null };

  it("is made as the server says: a list is taken item by item", async () => {
    answering({ "/pipelines/wires": { items: [{ ...wire, map: true }] } });
    const editing = useEditing();
    editing.open(chain);
    expect(await useWiring(editing).connect("inputs.text", "b", "text")).toBe(true);
    expect(editing.pipeline.value.steps[1]).toMatchObject({ inputs: { text: "inputs.text" }, map: "text" });
    editing.undo();
    expect(editing.pipeline.value).toBe(chain);
  });
  it("that does not fit changes nothing, and says what would stand between", async () => {
    const problem = { code: "type-mismatch", message: "no", step: "b", port: "text", suggestions: [] };
    answering({
      "/pipelines/wires": { items: [{ ...wire, problem }] },
      "/services": { items: [{ slug: "listen" }], total: 1 },
    });
    const editing = useEditing();
    editing.open(chain);
    const wiring = useWiring(editing);
    expect(await wiring.connect("inputs.text", "b", "text")).toBe(false);
    expect(wiring.refused.value).toMatchObject({ problem, converters: [{ slug: "listen" }] });
    expect(editing.pipeline.value).toBe(chain);
  });
});
