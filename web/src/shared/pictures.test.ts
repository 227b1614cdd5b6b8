import { expect, it } from "vitest";
import { scalable, scaled, thumbnail } from "./pictures";

it("asks for a picture at a width, whatever its file is called", () => {
  expect(thumbnail("/artifacts/ab?filename=cover-1.png", 320)).toBe("/artifacts/ab/thumbnail?width=320");
  expect(scaled("/shared/t/ab").srcset).toContain("/shared/t/ab/thumbnail?width=160 160w, ");
});
it("asks for small ones of pixels that the server has, and of nothing else", () => {
  const png = "image/png";
  expect(scalable({ url: "/artifacts/ab", media_type: png })).toBe(true);
  expect(scalable({ url: "/artifacts/ab", media_type: "image/svg+xml" })).toBe(false);
  expect(scalable({ url: "blob:x", media_type: png })).toBe(false);
});
