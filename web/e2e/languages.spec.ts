import { expect, test, type Page } from "./harness";
import type { Brief } from "../src/cover/song";
import { PLACES } from "./places";
import { englishOnly, messages, said, written } from "./words";

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
  await expect(main).toContainText("79.6");
  await choose(page, "Deutsch");
  await expect(main).toContainText("79.6");
  await page.goto(PLACES.run!(content));
  await expect(main).toContainText(/\d{1,2}\.(\d{1,2}\.| [A-Z][a-zä]+ )\d{2,4}/);
  await choose(page, "Français");
  await expect(main).toContainText(/\d{1,2}(\/\d{2}\/| [a-zéû]+\.? )\d{2,4}/);
  await expect(main).not.toContainText(/[AP]M\b/);
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
