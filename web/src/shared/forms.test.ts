import { expect, it } from "vitest";
import { fill, parts, pieces, plain, type Said, type Writer } from "./forms";

const FRENCH: Record<string, string> = {
  "There is no run `{run}`.": "Il n’y a pas d’exécution `{run}`.",
  "{option}, because {reasons:; }.": "{option}, car {reasons}.",
  "the words are about {topic} ({score:.2f})": "les paroles parlent de : {topic} ({score})",
  "{count} clips": "{count} extrait | {count} extraits",
  "It takes {types:or}, and has {names}.": "Il accepte {types}, et a {names}.",
  "{size:,} bytes, {share:.0%}, {change:+.1f}": "{size} octets, {share}, {change}",
};
const words: Record<string, string> = { "topic.sea": "mer", "scene.night": "nuit" };
const writer: Writer = {
  locale: "fr",
  translated: (form) => FRENCH[form],
  number: (value, options) => new Intl.NumberFormat("fr", options).format(value).replace(/\s/g, " "),
  word: (kind, name) => words[`${kind}.${name}`],
  none: "aucun",
};
const say = (form: string, values?: Said["values"]) => fill({ form, values }, writer);

it("fills the holes of the translation", () =>
  expect(say("There is no run `{run}`.", { run: "abc" })).toBe("Il n’y a pas d’exécution `abc`."));

it("knows no translation of what is new", () => expect(say("Never heard of `{it}`.", { it: "it" })).toBeUndefined());

it("puts sentences into sentences, and begins with a capital letter", () => {
  const reason = { form: "the words are about {topic} ({score:.2f})", values: { topic: "sea", score: 0.724 } };
  const option = { form: "{scene}", values: { scene: "night" } };
  expect(say("{option}, because {reasons:; }.", { option, reasons: [reason, reason] })).toBe(
    "Nuit, car les paroles parlent de : mer (0,72); les paroles parlent de : mer (0,72).",
  );
});

it("leaves a part in English that has no translation", () => {
  const reasons = [{ form: "it is {how}", values: { how: "so" } }];
  expect(say("{option}, because {reasons:; }.", { option: "x", reasons })).toBe("X, car it is so.");
});

it("says a word in the language, or in English", () => {
  expect(say("{thing}", { thing: { en: "lighthouse", fr: "phare" } })).toBe("phare");
  expect(say("{thing}", { thing: { en: "lighthouse", it: "faro" } })).toBe("lighthouse");
});

it.each([
  [0, "0 extrait"],
  [1, "1 extrait"],
  [2, "2 extraits"],
])("counts %s", (count, text) => expect(say("{count} clips", { count })).toBe(text));

it("writes lists and numbers as the language does", () => {
  expect(say("It takes {types:or}, and has {names}.", { types: ["a", "b"], names: ["x", "y"] })).toBe(
    "Il accepte a ou b, et a `x`, `y`.",
  );
  expect(say("It takes {types:or}, and has {names}.", { types: ["a"], names: [] })).toBe("Il accepte a, et a aucun.");
  expect(say("{size:,} bytes, {share:.0%}, {change:+.1f}", { size: 12345, share: 0.614, change: 1.25 })).toBe(
    "12 345 octets, 61 %, +1,3",
  );
});

it("takes a sentence apart", () => {
  const mood = { form: "{first} and {second}", values: { first: { form: "lonely" }, second: { form: "calm" } } };
  const thing = { en: "lighthouse", fr: "phare" };
  const whole = {
    form: "{mood}, because {reasons:; }.",
    values: { mood, reasons: [{ form: "{n}", values: { n: 2 } }, thing] },
  };
  expect([...parts([whole, null])]).toEqual([
    whole,
    mood,
    { form: "lonely" },
    { form: "calm" },
    { form: "{n}", values: { n: 2 } },
    { form: "{word}", values: { word: thing } },
  ]);
});

it("knows what stands in backticks, so that it can be shown as code", () => {
  expect(pieces("There is no `a.b` in `x`.")).toEqual(["There is no ", "a.b", " in ", "x", "."]);
  expect(plain("There is no `a.b` in `x`.")).toBe("There is no a.b in x.");
  expect(plain("A lone ` stays.")).toBe("A lone ` stays.");
});
