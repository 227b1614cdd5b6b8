import { expect, it } from "vitest";
import { corrected, mixed, type Brief, type Idea, type Lyrics } from "./song";

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
const brief = (...prompts: string[]): Brief => ({ mood: "calm", ideas: prompts.map(idea), evidence: [] });

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
it("keeps the ideas that are liked where they are", () => {
  const after = mixed(brief("a", "b", "c"), brief("x", "b", "z"), new Set([1]));
  expect(after.ideas.map((each) => each.prompt)).toEqual(["x", "b", "z"]);
});
