import { expect, it } from "vitest";
import { meant, translated } from "./meanings";
import type { Brief } from "./song";

const idea = (subject: string) => ({ scene: "sea", subject, light: "dusk", palette: [], medium: "oil", prompt: "p" });
const brief: Brief = { mood: "lonely and calm", ideas: [idea("lighthouse"), idea("")], evidence: [] };
const terms = new Map([
  ["lonely and calm", "solitaire et calme"],
  ["lighthouse", "phare"],
]);

it("says mood and subjects in other words, and nothing else", () =>
  expect(translated(brief, terms)).toEqual({
    mood: "solitaire et calme",
    ideas: [idea("phare"), idea("")],
    evidence: [],
  }));

it("gives back what came, and leaves what somebody wrote", () => {
  const read = translated(brief, terms);
  expect(meant(read, brief, terms)).toEqual(brief);
  expect(meant({ ...read, mood: "furieux" }, brief, terms)).toEqual({ ...brief, mood: "furieux" });
});

it("tells two subjects apart that are called the same", () => {
  const both = { ...brief, ideas: [idea("ship"), idea("boat")] };
  const same = new Map([
    ["ship", "bateau"],
    ["boat", "bateau"],
  ]);
  expect(meant(translated(both, same), both, same)).toEqual(both);
});
