import { expect, it } from "vitest";
import { found, groupsOf, membersOf, typeOf, type Document } from "./openapi";

const document: Document = {
  info: { title: "Toy", version: "1" },
  paths: {
    "/runs": { get: { tags: ["runs"], summary: "List runs" }, post: { tags: ["runs"], summary: "Begin a run" } },
    "/health": { get: { summary: "Whether it lives" } },
  },
  components: { schemas: { Port: { type: "object", properties: { name: { type: "string" } } } } },
};

it("puts operations into groups, those without a tag under the document's title", () => {
  const groups = groupsOf(document);
  expect(groups.map(({ name, operations }) => [name, operations.map(({ id }) => id)])).toEqual([
    ["runs", ["get/runs", "post/runs"]],
    ["Toy", ["get/health"]],
  ]);
});
it("finds operations by words of the method, path and summary, and drops empty groups", () => {
  const groups = found(groupsOf(document), "post RUN");
  expect(groups.map(({ operations }) => operations.map(({ summary }) => summary))).toEqual([["Begin a run"]]);
});
it.each([
  [{ type: "integer", minimum: 1, maximum: 9 }, "integer 1–9"],
  [{ type: "array", items: { $ref: "#/components/schemas/Port" } }, "Port[]"],
  [{ anyOf: [{ type: "string" }, { type: "null" }] }, "string | null"],
  [{ enum: ["scene", "diffusion"] }, '"scene" | "diffusion"'],
  [{}, "any"],
])("says the type %j in a few words", (schema, words) => expect(typeOf(schema)).toBe(words));
it("opens the object that a list is of, wherever it is defined", () => {
  const list = { type: "array", items: { $ref: "#/components/schemas/Port" } };
  expect(membersOf(list, document).map((each) => Object.keys(each.properties!))).toEqual([["name"]]);
});
