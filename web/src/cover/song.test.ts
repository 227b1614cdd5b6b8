import { expect, it } from "vitest";
import { corrected, lineAt, reworded, type Idea, type Lyrics } from "./song";

const line = (text: string, start: number, end: number) => ({ text, start, end, confidence: 0.5, words: [] });
const lyrics: Lyrics = {
  text: "my little bout\nis old",
  language: "en",
  segments: [line("my little bout", 2, 5), line("is old", 6, 8)],
  seconds: 10,
  singing: 0.5,
};
const idea = (prompt: string): Idea => ({
  scene: "sea",
  subject: prompt,
  light: "night",
  palette: [],
  medium: "oil",
  prompt,
});

it("corrects a line, and the whole text with it", () => {
  expect(corrected(lyrics, 0, "my little boat").text).toBe("my little boat\nis old");
});
it("times the words of a corrected line within the line", () => {
  const words = corrected(lyrics, 0, " one  three ").segments[0]!.words;
  expect(words.map((word) => word.text)).toEqual(["one", "three"]);
  expect([words[0]!.start, words[1]!.end]).toEqual([2, 5]);
});
it("takes out a line that is emptied", () => {
  expect(corrected(lyrics, 1, " ").segments).toHaveLength(1);
});
it("knows the line that is sung, and the one before until soon after it", () => {
  expect([1, 2, 4, 5.5, 7, 9.6].map((time) => lineAt(lyrics, time))).toEqual([undefined, 0, 0, 0, 1, undefined]);
});
it("says a changed idea in its prompt, too", () => {
  const before = { ...idea("boat"), prompt: "oil of a boat by the sea" };
  expect(reworded(before, { subject: "whale" }).prompt).toBe("oil of a whale by the sea");
});
