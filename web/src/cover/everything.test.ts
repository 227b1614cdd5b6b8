import { expect, it } from "vitest";
import { fileName, timed } from "./everything";
import type { Lyrics } from "./song";

it("names files so that every system takes them", () => {
  expect(fileName('AC/DC: "Who?" \n* live ...')).toBe("AC DC Who live");
  expect(fileName("Étude – 1")).toBe("Étude – 1");
  expect([fileName("..."), fileName("x".repeat(200)).length]).toEqual(["-", 80]);
});
it("writes words with times for players", () => {
  const line = (text: string, start: number) => ({ text, start, end: start + 1, confidence: 1, words: [] });
  const lyrics = { segments: [line("My little boat", 5.2), line("is old", 65)] } as unknown as Lyrics;
  expect(timed(lyrics, { title: "Harbour", artist: "" })).toBe(
    "[ti:Harbour]\n[00:05.20]My little boat\n[01:05.00]is old\n",
  );
});
