import { expect, test, type Page } from "./harness";
import type { Brief } from "../src/cover/song";
import type { Content } from "./content";
import { PLACES } from "./places";
import { englishOnly, markedEnglish, messages, said, sentencesOnly, written } from "./words";

const NAMES = { fr: "Français", de: "Deutsch" } as const;
const LANGUAGES = ["fr", "de"] as const;

async function choose(page: Page, name: string): Promise<void> {
  await page.getByRole("banner").getByRole("combobox").selectOption({ label: name });
}

/** The page of a link has no header to choose in: its reader's choice of before, or their browser, decides. */
async function prefer(page: Page, language: string): Promise<void> {
  await page.evaluate((chosen) => localStorage.setItem("halles-locale", chosen), language);
  await page.reload();
}

async function briefOf(page: Page, run: string): Promise<Brief> {
  const { steps } = await (await page.request.get(`/runs/${run}`)).json();
  const { outputs } = steps.find(({ id }: { id: string }) => id === "direct");
  return (await page.request.get(outputs.brief.url)).json();
}

for (const [name, path] of Object.entries(PLACES))
  test(`the page “${name}” is in French and in German as a whole`, async ({ page, content, server }) => {
    const theirs = await written(server.url);
    await page.goto(path(content));
    await expect(page.getByRole("heading", { level: 1 })).toHaveCount(1);
    const inEnglish = englishOnly("fr");
    const heard = async () => (await said(page)).filter((text) => inEnglish.some((pattern) => pattern.test(text)));
    await expect.poll(async () => (await heard()).length, "English on the English page").toBeGreaterThan(2);
    for (const language of LANGUAGES) {
      if (name === "shared") await prefer(page, language);
      else await choose(page, NAMES[language]);
      await expect(page.locator("html")).toHaveAttribute("lang", language);
      const english = englishOnly(language);
      const keys = new Set(messages("en").keys());
      const left = async () =>
        (await said(page))
          .filter((text) => !theirs.has(text))
          .filter((text) => keys.has(text) || english.some((pattern) => pattern.test(text)));
      await expect.poll(left, `English left in ${NAMES[language]}`).toEqual([]);
      for (const tab of await page.getByRole("tab").all()) {
        await tab.click();
        await expect.poll(left, `English left in ${NAMES[language]}, under a tab`).toEqual([]);
      }
    }
  });

test("dates and numbers are written as the language writes them", async ({ page, content }) => {
  const main = page.getByRole("main");
  await page.goto("/market/services/music-style");
  await expect(main).toContainText("81.6");
  await choose(page, "Deutsch");
  await expect(main).toContainText("81.6");
  await page.goto(PLACES.run!(content));
  await expect(main).toContainText(/\d{1,2}\.(\d{1,2}\.| [A-Z][a-zä]+ )\d{2,4}/);
  await choose(page, "Français");
  await expect(main).toContainText(/\d{1,2}(\/\d{2}\/| [a-zéû]+\.? )\d{2,4}/);
  await expect(main).not.toContainText(/[AP]M\b/);
});

test("services and pipelines are found by what they are called in the language of the page", async ({ page }) => {
  await page.goto("/market");
  await choose(page, "Deutsch");
  const search = page.getByRole("searchbox");
  await search.fill("Musikstil");
  await expect(page.getByRole("main").getByRole("heading", { name: "Musikstil" })).toBeVisible();
  await search.fill("Albumcover");
  await expect(page.getByRole("main").getByRole("heading", { name: "Song → Albumcover" })).toBeVisible();
});

/** Where the server and its services say much, beyond what stands on the pages as they are opened. */
const SAYING: Record<string, (page: Page, content: Content, language: string) => Promise<void>> = {
  "a song with its covers": async (page, { song }) => void (await page.goto(`/cover/${song}`)),
  "a step that was skipped": async (page, { song }) => void (await page.goto(`/history/${song}?step=voice`)),
  "a service": async (page) => void (await page.goto("/market/services/art-generator")),
  "a pipeline": async (page) => void (await page.goto("/market/pipelines/cover-art")),
  "an upload that is refused": async (page) => {
    await page.goto("/");
    const note = { name: "note.wav", mimeType: "audio/wav", buffer: Buffer.from("no sound at all") };
    await page.locator("input[type=file]").last().setInputFiles(note);
    await expect(page.getByRole("alert")).toBeVisible();
  },
  "a run with a fault": async (page) => {
    const multipart = { run: JSON.stringify({ pipeline: "prompt-to-picture", inputs: { prompt: "   " } }) };
    const { id } = await (await page.request.post("/runs", { multipart })).json();
    await page.goto(`/history/${id}`);
    await expect.poll(async () => (await (await page.request.get(`/runs/${id}`)).json()).status).toBe("failed");
  },
  "the builder with problems": async (page) => {
    const paint = {
      id: "paint",
      service: "art-generator",
      params: { count: 99 },
      inputs: { prompt: "inputs.nothing" },
    };
    const steps = [{ id: "read", service: "text-analysis", inputs: {} }, paint];
    await page.request.post("/pipelines?draft=true", { data: { id: "unwhole", steps, outputs: {} } });
    await page.goto("/builder/unwhole");
    await page
      .getByRole("toolbar")
      .getByRole("button", { name: /^\d probl/i })
      .click();
  },
  "versions and what changed": async (page, _, language) => {
    await withVersions(page);
    await page.goto("/builder/told");
    await press(page, language, "documents.open.versions");
    await expect(page.getByRole("dialog").getByRole("listitem").filter({ hasText: "paint" }).first()).toBeVisible();
  },
  "the versions of a pipeline on the market": async (page) => {
    await withVersions(page);
    await page.goto("/market/pipelines/told");
  },
  "a text that is no pipeline": async (page, _, language) => {
    await page.goto("/builder/cover-art");
    await press(page, language, "documents.open.import");
    await page
      .getByLabel(messages(language).get("documents.paste")!)
      .fill("id: broken\nsteps:\n  - id: a\n    servce: x\n");
    await press(page, language, "documents.take");
  },
  "a file of another type": async (page, _, language) => {
    await page.goto("/market/services/voice-extraction");
    const note = { name: "note.txt", mimeType: "text/plain", buffer: Buffer.from("no sound at all") };
    await page.locator("input[type=file]").first().setInputFiles(note);
    await press(page, language, "try.run");
  },
  "the last failure of a service": async (page) => {
    const multipart = { run: JSON.stringify({ pipeline: "prompt-to-picture", inputs: { prompt: " " } }) };
    const { id } = await (await page.request.post("/runs", { multipart })).json();
    await expect.poll(async () => (await (await page.request.get(`/runs/${id}`)).json()).status).toBe("failed");
    await page.goto("/operate");
  },
};

/** A pipeline whose second version says something else, and whose third one is the first one again. */
async function withVersions(page: Page): Promise<void> {
  const steps = [{ id: "read", service: "text-analysis", inputs: { text: "inputs.text" } }];
  const first = { inputs: { text: { media: "text/plain" } }, steps, outputs: { analysis: "read.analysis" } };
  const paint = { id: "paint", service: "art-generator", params: { count: 1 }, inputs: { prompt: "inputs.text" } };
  const second = { ...first, id: "told", name: "Told", steps: [...steps, paint], outputs: { covers: "paint.covers" } };
  await page.request.post("/pipelines", { data: { id: "told", ...first } });
  await page.request.put("/pipelines/told", { data: second });
  await page.request.post("/pipelines/told/rollback", { data: { version: 1 } });
}

const press = (page: Page, language: string, key: string) =>
  page
    .getByRole("button", { name: messages(language).get(key)!, exact: true })
    .last()
    .click();

/** What is seen when such a page is there as a whole. */
const SEEN: Record<string, RegExp> = {
  "a song with its covers": /, (car|denn) /,
  "a step that was skipped": /est fausse|trifft nicht zu/,
  "a service": /Générateur d’images|Bildgenerator/,
  "a pipeline": /Chanson → pochette d’album|Song → Albumcover/,
  "an upload that is refused": /\p{L} (lisible|son|lesbar|Ton)\b/u,
  "a run with a fault": /Donnez un brief|Geben Sie ein Briefing/,
  "the builder with problems": /nothing/,
  "versions and what changed": /retour à told@1|zurück zu told@1/,
  "the versions of a pipeline on the market": /retour à told@1|zurück zu told@1/,
  "a text that is no pipeline": /Il n’y a pas de champ|Es gibt kein Feld/,
  "a file of another type": /n’est pas lisible comme son|als Ton nicht lesbar|lesbar/,
  "the last failure of a service": /Donnez un brief|Geben Sie ein Briefing/,
};

/** The API reference and the model card of a service stay as they are written. */
const REFERENCE: Record<string, unknown[]> = {
  "a service": ["Art generator", expect.stringContaining("How it paints")],
  "a pipeline": ["Song → album cover"],
  "the versions of a pipeline on the market": ["told"],
  "a file of another type": ["Voice extraction", expect.stringContaining("Limits")],
};

for (const language of LANGUAGES)
  for (const [name, visit] of Object.entries(SAYING))
    test(`${name}: what is said there is said in ${NAMES[language]}`, async ({ page, content, server }) => {
      await page.goto("/");
      await prefer(page, language);
      await visit(page, content, language);
      await expect(page.getByText(SEEN[name]!).first()).toBeVisible();
      const [own, sentences] = [englishOnly(language), sentencesOnly(language)];
      const ids = await written(server.url); // Such as the port `text`, which is called so in the builder.
      const isEnglish = (text: string) =>
        sentences.some((each) => each.test(text)) || (!ids.has(text) && own.some((each) => each.test(text)));
      const left = async () => [...(await said(page)), ...(await said(page, false))].filter(isEnglish);
      await expect.poll(left, `English left in ${NAMES[language]}`).toEqual([]);
      await expect.poll(() => markedEnglish(page)).toEqual(REFERENCE[name] ?? []);
    });

test("a brief is read in the page's language, and goes back as the art director said it", async ({ page, content }) => {
  const brief = await briefOf(page, content.song);
  const named = (at: number) =>
    brief.evidence.find(({ decision }) => decision === `ideas[${at}].subject`)!.said?.values;
  const at = brief.ideas.findIndex((idea, each) => idea.subject && named(each)?.subject);
  const word = named(at)!.subject as Record<string, string>;
  await page.goto(`/cover/${content.song}`);
  const field = (name: string) => page.getByRole("textbox", { name, exact: true });
  await page.getByRole("button", { name: new RegExp(`^${at + 1}: `) }).click();
  await expect(field("Subject")).toHaveValue(word.en!);
  await expect(field("Mood")).toHaveValue(brief.mood);

  await choose(page, "Deutsch");
  await expect(field("Motiv")).toHaveValue(word.de!);
  await expect(page.getByRole("button", { name: `${at + 1}: ${word.de}, ` })).toBeVisible();
  await field("Motiv").fill("Wal");
  await choose(page, "Français");
  await expect(field("Sujet")).toHaveValue("Wal");
  await field("Sujet").fill(word.fr!);
  await expect(page.getByRole("button", { name: "Repeindre" })).toBeDisabled();
  await expect(field("Atmosphère")).not.toHaveValue(brief.mood);
  await page.getByRole("combobox", { name: "Technique" }).selectOption("linogravure");
  await page.getByRole("button", { name: "Repeindre" }).click();
  await expect(page).not.toHaveURL(new RegExp(content.song));
  const next = page.url().split("/").at(-1)!;
  const { mood, ideas } = await briefOf(page, next);
  expect([mood, ideas[at]!.subject, ideas[at]!.medium]).toEqual([brief.mood, word.en, "linocut"]);
  await page.request.post(`/runs/${next}/cancel`);
});

const KINDS = { fr: { lyrics: "paroles", gives: /→ .*paroles/ }, de: { lyrics: "Liedtext", gives: /→ .*Liedtext/ } };
for (const language of LANGUAGES)
  test(`services are found in the palette by words in ${NAMES[language]}, and say their types so`, async ({ page }) => {
    await page.goto("/");
    await prefer(page, language);
    await page.goto("/builder");
    const palette = page.getByRole("complementary", { name: messages(language).get("builder.palette")! });
    await palette.getByRole("searchbox").fill(KINDS[language].lyrics);
    const name = language === "fr" ? /^Reconnaissance/ : /^Spracherkennung/;
    await expect(palette.getByRole("button", { name })).toHaveAttribute("title", KINDS[language].gives);
  });

test("the language that was chosen is kept", async ({ page }) => {
  await page.goto("/");
  await choose(page, "Français");
  await page.goto("/market");
  await expect(page).toHaveTitle(/marché · Halles$/i);
  await expect(page.locator("html")).toHaveAttribute("lang", "fr");
});

test.describe("With a browser that prefers German of Switzerland", () => {
  test.use({ locale: "de-CH" });
  test("the application is German at once", async ({ page }) => {
    await page.goto("/");
    await expect(page.locator("html")).toHaveAttribute("lang", "de");
  });
});
