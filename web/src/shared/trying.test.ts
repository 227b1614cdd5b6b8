import { expect, it } from "vitest";
import { atFields, missing, nothing, sent, wayOf } from "./trying";

const song = { name: "song", media: ["audio/*"] };
const style = {
  name: "style",
  media: ["application/json;kind=style"],
  json_schema: { type: "object", properties: { energy: { type: "number" } } },
};
const loud = { name: "loud", media: ["application/json"], json_schema: { type: "boolean" }, optional: true };
const words = { name: "words", media: ["text/plain"] };

it("has a way to fill in each kind of input", () => {
  expect([song, style, loud, words].map(wayOf)).toEqual(["file", "form", "field", "text"]);
  expect(wayOf({ name: "any", media: ["application/json"] })).toBe("json");
  expect(wayOf({ name: "zip", media: ["application/zip"] })).toBe("file");
});
it("sends what was filled in, and nothing where nothing was", () => {
  expect(sent("text", { ...nothing(), text: "la la" })).toEqual(["la la"]);
  expect(sent("form", { ...nothing(), value: { energy: 1 } })).toEqual(['{"energy":1}']);
  expect(sent("field", { ...nothing(), value: false })).toEqual(["false"]);
  expect(sent("text", { ...nothing(), text: " " })).toEqual([]);
});
it("says which inputs are missing or no JSON before anything is sent", () => {
  const entries = { style: { ...nothing(), text: "{energy" }, words: { ...nothing(), text: "la" } };
  expect(missing([song, style, loud, words], entries, { style: "json" })).toEqual({ song: "missing", style: "json" });
});
it("puts what the server found at the field that it concerns", () => {
  const problem = (port: string | null, message: string) => ({ code: "x", message, step: null, port, suggestions: [] });
  const { wrong, others } = atFields(
    [problem("size", "Too large."), problem("size", "Odd."), problem(null, "Full.")],
    ["size"],
  );
  expect(wrong).toEqual({ size: "Too large. Odd." });
  expect(others.map(({ message }) => message)).toEqual(["Full."]);
});
