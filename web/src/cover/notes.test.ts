import { expect, it } from "vitest";
import { called, changed, nameOf, rest, type Notes } from "./notes";

const notes: Notes = { title: "Harbour", artist: "Ada", liked: ["mood", "covers[0]"] };

it("changes what is said, and leaves the rest", () => {
  expect(changed(notes, { title: "Light" })).toEqual({ ...notes, title: "Light" });
  expect(changed(notes, { liked: { mood: false, "covers[1]": true } }).liked).toEqual(["covers[0]", "covers[1]"]);
  expect(changed(notes, { liked: { mood: true } }).liked).toEqual(notes.liked);
});

it("knows what was said while something was sent", () => {
  const sent = { title: "Light", liked: { mood: false } };
  expect(rest(sent, sent)).toBeUndefined();
  expect(rest({ ...sent, artist: "Eve" }, sent)).toEqual({ artist: "Eve" });
  expect(rest({ title: "Lights", liked: { mood: true, x: false } }, sent)).toEqual({
    title: "Lights",
    liked: { mood: true, x: false },
  });
});

it("calls a song as its cover says, else by its file", () => {
  expect(nameOf("harbour_light.opus")).toBe("harbour light");
  expect(called({ title: "harbour_light.opus, true" }, { title: "" })).toBe("harbour light");
  expect(called({ title: "harbour_light.opus" }, { title: "Light" })).toBe("Light");
});
