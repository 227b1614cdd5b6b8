import { expect, it } from "vitest";
import { rowsOf, tableOf, viewOf } from "./values";

it.each([
  ["audio/flac", "audio"],
  ["image/svg+xml", "image"],
  ["video/mp4", "video"],
  ["text/plain;kind=lyrics", "text"],
  ["text/csv", "table"],
  ["application/json;kind=style", "json"],
  ["text/html", "file"],
  ["application/zip", "file"],
])("shows %s as %s", (media_type, view) => expect(viewOf({ media_type, size: 10 })).toBe(view));
it("leaves long texts to be kept as a file", () => {
  expect(viewOf({ media_type: "text/plain", size: 3e6 })).toBe("file");
});
it("reads rows with quotes, commas and lines in them", () => {
  expect(rowsOf('a,"b, c"\n"say ""hi""",\n1,"two\nlines"\n')).toEqual([
    ["a", "b, c"],
    ['say "hi"', ""],
    ["1", "two\nlines"],
  ]);
});
it("makes a table of a list of flat objects, and of nothing else", () => {
  expect(tableOf([{ a: 1 }, { a: 2, b: "x" }])).toEqual([
    ["a", "b"],
    ["1", ""],
    ["2", "x"],
  ]);
  expect(tableOf([{ a: [1] }])).toBeUndefined();
  expect(tableOf({ a: 1 })).toBeUndefined();
});
