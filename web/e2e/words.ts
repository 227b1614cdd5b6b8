import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "@playwright/test";
import { ask } from "./content";

const LOCALES = join(import.meta.dirname, "../src/locales");
/** Fewer letters than this say nothing about a language. */
const FEWEST_LETTERS = 4;
/** What has fewer words may be a name, such as the port `song`. */
const FEWEST_WORDS = 2;

const flat = (value: object, path = ""): [string, string][] =>
  Object.entries(value).flatMap(([key, each]) =>
    typeof each === "object" ? flat(each, `${path}${key}.`) : [[path + key, String(each)]],
  );

/** All that the application says in a language, by key. */
export function messages(locale: string): Map<string, string> {
  const folder = join(LOCALES, locale);
  return new Map(readdirSync(folder).flatMap((file) => flat(JSON.parse(readFileSync(join(folder, file), "utf8")))));
}

/** Patterns of what is said in English and otherwise in the other language; both forms of a plural count. */
export function englishOnly(other: string): RegExp[] {
  const [english, translated] = [messages("en"), messages(other)];
  const same = new Set([...translated.values()].flatMap((text) => text.split(" | ")));
  return [...english.values()]
    .flatMap((text) => text.split(" | "))
    .filter((text) => !same.has(text))
    .filter((text) => text.replace(/\{\w+\}|\P{L}/gu, "").length >= FEWEST_LETTERS)
    .map(pattern);
}

/** What matches a text with whatever in its holes. */
const pattern = (text: string) =>
  new RegExp(`^${text.replace(/[.*+?^$()|[\]\\]/g, "\\$&").replace(/\{\w+(:[^{}]*)?\}/g, ".+")}$`);

/** All that is said on a page as it stands: texts, labels, hints, options, the title; taken apart where it was put together. */
export async function said(page: Page, apart = true): Promise<string[]> {
  const found = await page.evaluate(() => {
    const texts = [document.title.replace(" · Halles", "")];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const around = walker.currentNode.parentElement!;
      if (around.checkVisibility() && !around.closest("script, style, [lang]:not(html), [translate=no]"))
        texts.push(walker.currentNode.textContent!);
    }
    // A sentence with names in it, which are shown as code, is one sentence.
    for (const name of document.querySelectorAll("code")) {
      const around = name.parentElement!;
      const apart = around.closest("pre, [lang]:not(html), [translate=no]") ?? around.querySelector("[lang]");
      if (around.checkVisibility() && !apart) texts.push(around.textContent!);
    }
    for (const each of document.querySelectorAll("[aria-label], [placeholder], [title], [alt]"))
      for (const name of ["aria-label", "placeholder", "title", "alt"]) texts.push(each.getAttribute(name) ?? "");
    return texts;
  });
  const parts = apart ? found.flatMap((text) => text.split(/ [·–←→] |: /)) : found;
  return [...new Set(parts.map((text) => text.replace(/\s+/g, " ").trim()))];
}

/** Sentences of the server and of its services that are said otherwise in a language, as patterns of their English. */
export function sentencesOnly(other: string): RegExp[] {
  const files = [join(LOCALES, "sentences"), join(LOCALES, "../../../src/halles_services/locales")];
  return files
    .flatMap((folder) => flat(JSON.parse(readFileSync(join(folder, `${other}.json`), "utf8"))))
    .filter(([english, text]) => english !== text)
    .filter(([english]) => (english.replace(/\{[^{}]*\}/g, "").match(/\p{L}{2,}/gu) ?? []).length >= FEWEST_WORDS)
    .map(([english]) => pattern(english.replaceAll("`", "")));
}

/** What is marked as English, outside of what stays so: code, the words of a song, whose work is in it. */
export const markedEnglish = (page: Page) =>
  page.evaluate(() =>
    [...document.querySelectorAll("[lang=en]:not(html, option, ol, .credits)")]
      .filter((each) => each.checkVisibility() && !each.closest("code, pre"))
      .map((each) => each.textContent!.trim()),
  );

/** What people wrote, which is shown as it is: names, descriptions and ports of services and pipelines, titles of runs. */
export async function written(url: string): Promise<Set<string>> {
  const found = new Set<string>();
  const gather = (value: unknown): void => {
    if (typeof value === "string") found.add(value);
    if (typeof value !== "object" || value === null) return;
    Object.keys(value).forEach((key) => found.add(key));
    Object.values(value).forEach(gather);
  };
  for (const path of ["/services", "/pipelines", "/pipelines/cover-art"]) gather(await ask(url, path));
  const runs = await ask<{ items: { title: string }[] }>(url, "/runs?limit=200");
  runs.items.forEach(({ title }) => found.add(title));
  return found;
}
