import { expect, it } from "vitest";
import type { Brief, Idea } from "./song";
import { fieldLocked, isLocked, keptCovers, likedOf, likedOrNot, locksOf, turned, wished } from "./wishes";

const NO_LOCKS = locksOf([]);
const idea = (subject: string): Idea => ({
  scene: "sea",
  subject,
  light: "night",
  palette: ["#000000", "#ffffff"],
  medium: "oil",
  prompt: `oil of a ${subject}`,
});
const brief: Brief = {
  mood: "calm",
  ideas: [idea("boat"), idea("star")],
  evidence: [
    { decision: "mood", because: "It is calm." },
    { decision: "ideas[0].scene", because: "It is the sea." },
    { decision: "ideas[1].medium", because: "It is oil." },
  ],
};

it("keeps all of a cover that is liked, with its reasons", () => {
  const { covers, evidence, mood } = wished(brief, likedOrNot(NO_LOCKS, 0), { draw: 3 });
  expect(covers).toEqual([brief.ideas[0], {}]);
  expect(evidence).toEqual([brief.evidence[1]]);
  expect(mood).toBeUndefined();
});
it("keeps single fields", () => {
  const locks = fieldLocked({ ...NO_LOCKS, mood: true }, 1, "medium", true);
  const wishes = wished(brief, locks, {});
  expect(wishes).toMatchObject({ mood: "calm", covers: [{}, { medium: "oil" }], count: 2 });
  expect(wishes.evidence).toEqual([brief.evidence[0], brief.evidence[2]]);
});
it("keeps every cover when more are asked for", () => {
  const { covers, count, evidence } = wished(brief, NO_LOCKS, { all: true, count: 4 });
  expect([covers, count, evidence]).toEqual([brief.ideas, 4, brief.evidence]);
});
it("knows the covers that stay while others are painted: first by what is liked, then by their ideas", () => {
  const liked = likedOrNot(NO_LOCKS, 1);
  expect(keptCovers(undefined, undefined, liked)).toEqual([]);
  expect(keptCovers(brief, undefined, liked)).toEqual([1]);
  const other = { ...brief, ideas: [brief.ideas[0]!, { ...brief.ideas[1]!, medium: "pastel" }, idea("whale")] };
  expect(keptCovers(brief, other, liked)).toEqual([0]);
});
it("leaves the others locked when one field of a liked cover is opened", () => {
  const locks = fieldLocked(likedOrNot(NO_LOCKS, 0), 0, "palette", false);
  expect([isLocked(locks, 0, "palette"), isLocked(locks, 0, "subject")]).toEqual([false, true]);
});
it("lets go of a cover that is not liked any more", () => {
  expect(likedOrNot(likedOrNot(NO_LOCKS, 0), 0).covers[0]).toEqual([]);
});

it("names locks as they are kept, and reads them again", () => {
  const locks = { mood: true, covers: { 0: "whole", 2: ["scene", "palette"] } } as const;
  const names = ["mood", "covers[0]", "covers[2].scene", "covers[2].palette"];
  expect(likedOf(locks as never)).toEqual(names);
  expect(locksOf(names)).toEqual(locks);
  expect(locksOf(["something else", "covers[1].sound"])).toEqual({ mood: false, covers: { 1: [] } });
  expect(turned(locks as never, fieldLocked(locks as never, 0, "light", false))).toEqual({
    "covers[0]": false,
    ...Object.fromEntries(["subject", "scene", "medium", "palette"].map((field) => [`covers[0].${field}`, true])),
  });
});
