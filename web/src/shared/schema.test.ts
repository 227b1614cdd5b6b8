import { expect, it } from "vitest";
import { emptyOf, fieldsOf } from "./schema";

const one = (property: object) => fieldsOf({ properties: { count: property } })[0];

it("makes a slider of a whole number between bounds", () => {
  expect(one({ type: "integer", minimum: 1, maximum: 9, default: 3 })).toMatchObject({
    kind: "range",
    min: 1,
    max: 9,
    fallback: 3,
  });
});
it("lets a number that may be left open be typed", () => {
  expect(one({ anyOf: [{ type: "integer", minimum: 1, maximum: 9 }, { type: "null" }], default: null })).toMatchObject({
    kind: "number",
    optional: true,
    max: 9,
  });
});
it("makes a choice of an enumeration, also of one that is defined elsewhere", () => {
  const schema = { properties: { size: { $ref: "#/$defs/Size" } }, $defs: { Size: { enum: ["base", "small"] } } };
  expect(fieldsOf(schema)[0]).toMatchObject({ kind: "choice", choices: ["base", "small"] });
});
it("types a seed, whose span is no slider's", () => {
  expect(one({ type: "integer", minimum: 0, maximum: 2 ** 31 })).toMatchObject({ kind: "number" });
});
it("writes long texts in several lines, and several values one after the other", () => {
  expect(one({ type: "string", maxLength: 4000 })).toMatchObject({ kind: "text", long: true });
  expect(one({ type: "array", items: { type: "string" } })).toMatchObject({ kind: "list", item: { kind: "text" } });
});
it("makes a form in the form of an object, and leaves the rest to JSON", () => {
  const properties = { size: { $ref: "#/$defs/Size" } };
  const schema = { properties: { paper: { type: "object", properties } }, $defs: { Size: { enum: ["a4"] } } };
  const [paper] = fieldsOf(schema);
  expect(paper?.kind === "group" && fieldsOf(paper.schema)[0]).toMatchObject({ kind: "choice", choices: ["a4"] });
  expect(one({ type: "object" })).toMatchObject({ kind: "json" });
  expect(one({ type: "array", items: { type: "array" } })).toMatchObject({ kind: "json" });
});
it("makes a list of objects, wherever they are defined, and begins each new one empty", () => {
  const $defs = { Score: { type: "object", properties: { label: { type: "string" }, share: { type: "number" } } } };
  const genres = fieldsOf({ properties: { genres: { type: "array", items: { $ref: "#/$defs/Score" } } }, $defs })[0]!;
  expect(genres).toMatchObject({ kind: "list", item: { kind: "group" } });
  expect(genres.kind === "list" && emptyOf(genres.item)).toEqual({});
  expect(emptyOf(one({ type: "integer", minimum: 2 })!)).toBe(2);
});
