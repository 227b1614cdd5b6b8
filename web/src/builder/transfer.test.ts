import { describe, expect, it } from "vitest";
import { Refusal } from "@/client/api";
import { freeSlug, placesIn } from "./transfer";

const problem = (message: string, suggestions: string[] = []) =>
  ({ code: "x", step: null, port: null, message, suggestions }) as never;

describe("what is wrong with a text", () => {
  it("is shown with the line that it is in", () => {
    const refused = new Refusal(422, [problem("Line 2: There is no field `servce`.", ["service"])], "");
    expect(placesIn("steps:\n  - servce: a\n", refused)).toMatchObject([
      { line: 2, column: 1, text: "  - servce: a", message: "There is no field `servce`.", near: " → service" },
    ]);
  });
  it("is shown with the column where that is known", () => {
    const refused = new Refusal(422, [problem("It cannot be read: line 1, column 4: a bracket is not closed.")], "");
    expect(placesIn("a: [", refused)[0]).toMatchObject({ line: 1, column: 4 });
  });
  it("is said even where no line is known", () => {
    expect(placesIn("x", new Refusal(422, [problem("It is too long.")], ""))).toMatchObject([
      { line: 0, column: 1, text: "", message: "It is too long." },
    ]);
  });
});

describe("a free short name", () => {
  it("is the one that was wished for, or the next with a number", () => {
    expect(freeSlug("a", ["b"])).toBe("a");
    expect(freeSlug("a", ["a", "a-2"])).toBe("a-3");
  });
});
