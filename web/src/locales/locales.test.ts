import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { LOCALES } from ".";

const folder = join(process.cwd(), "src/locales");
const flat = (value: object, path = ""): [string, string][] =>
  Object.entries(value).flatMap(([key, each]) =>
    typeof each === "object" ? flat(each, `${path}${key}.`) : [[path + key, each]],
  );
const words = (locale: string, file: string) =>
  new Map(flat(JSON.parse(readFileSync(join(folder, locale, file), "utf8"))));
const holes = (text = "") => [...text.matchAll(/\{\w+\}/g)].map(String).sort();
const areas = readdirSync(join(folder, "en"));

it.each(LOCALES.slice(1))("%s says everything that English says, with the same holes", (locale) => {
  for (const file of areas) {
    const [english, other] = [words("en", file), words(locale, file)];
    expect([...other.keys()].sort()).toEqual([...english.keys()].sort());
    for (const [key, text] of english) expect([key, holes(other.get(key))]).toEqual([key, holes(text)]);
  }
});

it("leaves no word in a template that is not in the locales", () => {
  const found: string[] = [];
  for (const path of readdirSync(join(process.cwd(), "src"), { recursive: true, encoding: "utf8" })) {
    if (!path.endsWith(".vue")) continue;
    const source = readFileSync(join(process.cwd(), "src", path), "utf8");
    const template = source.slice(source.indexOf("<template>"), source.lastIndexOf("</template>"));
    const text = template
      .replace(/<!--[\s\S]*?-->/g, "")
      .replace(/\{\{[\s\S]*?\}\}/g, "")
      .replace(/<(?:"[^"]*"|[^">])*>/g, "\n");
    found.push(
      ...(text.match(/\p{L}{2,}.*/gu) ?? [])
        .filter((each) => each.trim() !== "Halles")
        .map((each) => `${path}: ${each}`),
    );
    found.push(
      ...[...template.matchAll(/\s(?:aria-label|title|alt|placeholder)="([^"]*\p{L}[^"]*)"/gu)].map(
        (each) => `${path}: ${each[1]}`,
      ),
    );
  }
  expect(found).toEqual([]);
});

it("uses no key that is not there", () => {
  const known = new Set(areas.flatMap((file) => [...words("en", file).keys()]));
  const used: string[] = [];
  for (const path of readdirSync(join(process.cwd(), "src"), { recursive: true, encoding: "utf8" })) {
    if (!/\.(vue|ts)$/.test(path) || path.includes(".test.")) continue;
    const source = readFileSync(join(process.cwd(), "src", path), "utf8");
    used.push(...[...source.matchAll(/\bt\("([\w.-]+)"/g)].map((match) => match[1]!));
  }
  expect(used.filter((key) => !known.has(key))).toEqual([]);
});
