import { describe, expect, it } from "vitest";
import { changesOf, equal } from "./sync";

const held = (...items: { id: string; value?: unknown }[]) => new Map(items.map((item) => [item.id, item]));

describe("what the canvas has to change", () => {
  it("is nothing for a list that says the same", () => {
    const before = held({ id: "a", value: { x: 1, list: [1, { y: 2 }] } });
    expect(changesOf(before, [{ id: "a", value: { x: 1, list: [1, { y: 2 }] } }])).toEqual({
      gone: [],
      fresh: [],
      changed: [],
    });
  });
  it("is what came, what went, and what is different", () => {
    const changes = changesOf(held({ id: "a", value: 1 }, { id: "b" }, { id: "c" }), [
      { id: "a", value: 2 },
      { id: "c" },
      { id: "d" },
    ]);
    expect(changes).toEqual({ gone: ["b"], fresh: [{ id: "d" }], changed: [{ id: "a", value: 2 }] });
  });
});

describe("two values", () => {
  it("differ when one has more than the other, or a list where the other has names", () => {
    expect(equal({ a: 1 }, { a: 1, b: undefined })).toBe(false);
    expect(equal({ a: undefined }, { b: undefined })).toBe(false);
    expect(equal([], {})).toBe(false);
    expect(equal(null, {})).toBe(false);
    expect(equal(Number.NaN, Number.NaN)).toBe(true);
  });
});
