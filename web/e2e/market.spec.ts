import { execFileSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Locator } from "@playwright/test";
import { announce } from "./announced";
import { expect, expectAccessible, type Page, SONG, test as base } from "./harness";

const BIN = join(import.meta.dirname, "../../.venv/bin");
const DEMO = join(import.meta.dirname, "../../src/halles_services/demo");
const cards = (page: Page, group: "Services" | "Pipelines") =>
  page.getByRole("region", { name: group }).getByRole("listitem");
const results = (page: Page) => page.getByRole("region", { name: "Results" });

const CUT = `import av,sys
source, out = av.open(sys.argv[1]), av.open(sys.argv[2], "w", format="ogg")
stream = out.add_stream("libopus", rate=48000)
for frame in source.decode(audio=0):
    if frame.time > 6: break
    for packet in stream.encode(frame): out.mux(packet)
for packet in stream.encode(None): out.mux(packet)
out.close()`;

/** `song`: a few seconds of the song, so that trying takes not long. */
const test = base.extend<object, { song: string }>({
  song: [
    async ({ server }, use) => {
      const file = join(server.home, "clip.opus");
      execFileSync(join(BIN, "python"), ["-c", CUT, SONG, file]);
      await use(file);
    },
    { scope: "worker" },
  ],
});

async function run(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await expect(page.getByText("finished", { exact: true }).first()).toBeVisible({ timeout: 50_000 });
}

test.describe("the catalogue", () => {
  test("is searched by keyboard, forgives typing errors, and keeps what was asked in the address", async ({ page }) => {
    await page.goto("/market");
    await expect(cards(page, "Services")).toHaveCount(6);
    await page.getByRole("searchbox").focus();
    await page.keyboard.type("recogniton");
    await expect(cards(page, "Services")).toHaveCount(1);
    await expect(page.getByRole("link", { name: "Speech recognition" })).toBeVisible();
    await expect(page).toHaveURL(/\?q=recogniton$/);
    await page.keyboard.press("Tab");
    await page.keyboard.press("Tab");
    await page.reload();
    await expect(page.getByRole("searchbox")).toHaveValue("recogniton");
    await expect(cards(page, "Services")).toHaveCount(1);
  });

  test("is narrowed by what goes in and out, and opened, by keyboard alone", async ({ page }) => {
    await page.goto("/market");
    await page.getByRole("combobox", { name: "Takes" }).focus();
    await page.keyboard.press("s"); // Sound
    await expect(page).toHaveURL(/takes=audio/);
    await page.getByRole("combobox", { name: "Gives" }).selectOption("audio");
    await expect(cards(page, "Services")).toHaveCount(1);
    await page.getByRole("link", { name: "Voice extraction" }).focus();
    await page.keyboard.press("Enter");
    await expect(page.getByRole("heading", { level: 1, name: "Voice extraction" })).toBeVisible();
    await page.goBack();
    await expect(page).toHaveURL(/takes=audio/);
    await expect(page.getByRole("combobox", { name: "Takes" })).toHaveValue("audio");
  });

  test("says plainly that nothing is found, and shows everything again", async ({ page }) => {
    await page.goto("/market?q=xylophone&licence=MIT");
    await expect(page.getByText("Nothing like this is here.")).toBeVisible();
    await page.getByRole("button", { name: "Show everything" }).click();
    await expect(page).toHaveURL(/\/market$/);
    await expect(cards(page, "Services")).toHaveCount(6);
    await expect(page.getByRole("searchbox")).toHaveValue("");
  });

  test("shows pictures, licences, health and what was measured", async ({ page }) => {
    await page.goto("/market");
    const card = cards(page, "Services").filter({ hasText: "Speech recognition" });
    await expect(card).toContainText("available");
    await expect(card).toContainText("MIT");
    await expect(card).toContainText(/word error rate 0\.\d+/);
    const picture = card.locator("img");
    await picture.scrollIntoViewIfNeeded();
    await expect.poll(() => picture.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(100);
  });

  test("shows services of others, with a picture of their own, and what one can do while they sleep", async ({
    own,
    page,
  }) => {
    await announce(own);
    await page.goto(`${own.url}/market?q=whistle`);
    await expect(cards(page, "Services")).toHaveCount(1);
    await expect(cards(page, "Services")).toContainText("announced");
    await page.getByRole("link", { name: "Whistle" }).click();
    await expect(page.getByRole("note")).toContainText(/Try again later|wakes up when it is called/);
  });
});

test.describe("each service is tried on its page", () => {
  const choose = (page: Page, name: string, file: string) =>
    page.getByLabel(name, { exact: true }).first().setInputFiles(file);

  test("voice extraction gives two sounds to listen to", async ({ page, song }) => {
    await page.goto("/market/services/voice-extraction");
    await choose(page, "song", song);
    await run(page);
    await expect(results(page).getByRole("slider")).toHaveCount(2);
    await expect(results(page).getByText("0:00 / 0:06").first()).toBeVisible();
  });

  test("speech recognition gives lyrics as a tree and as a text", async ({ page, song }) => {
    await page.goto("/market/services/speech-recognition");
    await choose(page, "song", song);
    await page.getByText("Parameters", { exact: true }).click();
    await page.getByRole("slider", { name: "hearings" }).fill("1");
    await run(page);
    await expect(results(page)).toContainText(/harbou?r/i);
    await expect(results(page)).toContainText("segments");
  });

  test("music style gives genres", async ({ page, song }) => {
    await page.goto("/market/services/music-style");
    await choose(page, "song", song);
    await run(page);
    await expect(results(page)).toContainText("genres");
  });

  test("text analysis gives feelings of words that are typed", async ({ page }) => {
    await page.goto("/market/services/text-analysis");
    await page.getByLabel("text", { exact: true }).fill("I am so happy today, the sun is shining");
    await run(page);
    await expect(results(page)).toContainText('"en"');
    await results(page).getByText("emotions").click(); // In a tree, what is a table is one.
    const emotions = results(page).getByRole("table").first();
    await expect(emotions.getByRole("columnheader")).toHaveText(["label", "score"]);
    await expect(emotions.getByRole("row").nth(1)).toContainText("joy");
  });

  test("art direction gives a brief, from an example that was changed in a form", async ({ page }) => {
    await page.goto("/market/services/art-direction");
    await page.getByRole("button", { name: "Use style.json" }).click();
    const energy = page.getByRole("spinbutton", { name: "energy" });
    await expect(energy).not.toHaveValue("");
    await energy.fill("0.9");
    await energy.blur();
    await run(page);
    await expect(results(page)).toContainText("ideas");
  });

  test("the art generator gives a picture, and another one for a prompt in the place of the brief", async ({
    page,
  }) => {
    await page.goto("/market/services/art-generator");
    await page.getByRole("button", { name: "Use prompt.txt" }).click();
    await expect(page.getByLabel("prompt", { exact: false }).first()).toHaveValue(/lighthouse/);
    await page.getByText("Parameters", { exact: true }).click();
    await page.getByRole("spinbutton", { name: "count" }).fill("1");
    await page.getByRole("spinbutton", { name: "size" }).fill("512");
    await page.getByRole("spinbutton", { name: "size" }).blur();
    await run(page);
    const cover = results(page).getByRole("img", { name: "covers" });
    await expect.poll(() => cover.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(0);
    const saved = results(page).getByRole("link", { name: /Save covers/ });
    const width = await saved.evaluate(async (link: HTMLAnchorElement) => {
      const file = await (await fetch(link.href)).blob();
      return (await createImageBitmap(file)).width;
    });
    expect(width).toBe(512);
    await expect(results(page).getByRole("link", { name: /Save credits/ })).toBeVisible();
  });
});

test.describe("trying", () => {
  const wrong = (field: Locator) => field.evaluate((each) => each.getAttribute("aria-invalid"));

  test("says at the field what is missing or wrong, and goes there", async ({ page }) => {
    await page.goto("/market/services/text-analysis");
    const text = page.getByLabel("text", { exact: true });
    await page.getByRole("button", { name: "Run", exact: true }).click();
    await expect(text).toBeFocused();
    expect(await wrong(text)).toBe("true");
    await expect(page.getByText("This is needed.")).toBeVisible();
    await text.fill("la la");
    await page.getByText("Parameters", { exact: true }).click();
    const language = page.getByRole("textbox", { name: "language" });
    await language.fill("klingon");
    await language.blur();
    await page.getByRole("button", { name: "Run", exact: true }).click();
    await expect.poll(() => wrong(language)).toBe("true");
    await expect(language).toHaveAccessibleDescription(/klingon/);
    expect(await wrong(text)).toBe(null);
  });

  test("can be stopped", async ({ page, own }) => {
    await page.goto(`${own.url}/market/services/speech-recognition`); // A server that has not heard the song yet.
    await page.getByRole("button", { name: "Use song.opus" }).click();
    await expect(page.getByText("song.opus").first()).toBeVisible();
    await page.getByRole("button", { name: "Run", exact: true }).click();
    await page.getByRole("button", { name: "Stop" }).click();
    await expect(page.getByText("stopped", { exact: true }).first()).toBeVisible({ timeout: 20_000 });
    await expect(page.getByRole("button", { name: "Run", exact: true })).toBeEnabled();
  });

  test("a pipeline shows how each of its steps stands", async ({ page, song }) => {
    await page.goto("/market/pipelines/timed-lyrics");
    await page.getByLabel("song", { exact: true }).first().setInputFiles(song);
    await run(page);
    await expect(page.getByRole("region", { name: "Results" })).toContainText("lyrics");
    await expect(page.getByRole("link", { name: "Look at this run" })).toBeVisible();
  });
});

test("a service goes into the builder with a press", async ({ page }) => {
  await page.goto("/market/services/music-style");
  await page.getByRole("link", { name: "Use in the builder" }).click();
  await expect(page).toHaveURL(/\/builder$/);
  await expect(page.getByText("Music style").first()).toBeVisible();
  await expect(page.getByRole("main")).toContainText("music_style");
});

test("the card is shown, with tables that have titles, and use is told", async ({ page, server, song }) => {
  const multipart = { song: { name: "a.opus", mimeType: "audio/ogg", buffer: readFileSync(song) } };
  const called = await page.request.post(`${server.url}/services/music-style/call?wait=50`, { multipart });
  expect(called.status()).toBe(200);
  await page.goto("/market/services/music-style");
  await expect(page.getByRole("heading", { level: 2, name: "Model card" })).toBeVisible();
  await expect(page.getByRole("rowheader", { name: "musicnn" })).toBeVisible();
  await expect(page.getByRole("table", { name: "Measured quality" })).toContainText("accuracy of the genre");
  await expect(page.getByRole("img", { name: /Calls, failures and time taken/ })).toBeVisible();
});

test("the code that is shown works as it is copied", async ({ page, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.goto("/market/services/art-direction");
  const folder = test.info().outputPath();
  mkdirSync(folder, { recursive: true });
  copyFileSync(join(DEMO, "style.json"), join(folder, "style.json"));
  const environment = { ...process.env, PATH: `${BIN}:${process.env.PATH}`, NO_PROXY: "127.0.0.1" };
  const told: Record<string, string> = {};
  for (const [tab, file, command] of [
    ["curl", "call.sh", "sh"],
    ["Python", "call.py", "python"],
    ["JavaScript", "call.mjs", "node"],
  ] as const) {
    await page.getByRole("tab", { name: tab }).click();
    await page.getByRole("tabpanel", { name: tab }).getByRole("button", { name: "Copy" }).click();
    writeFileSync(join(folder, file), await page.evaluate(() => navigator.clipboard.readText()));
    told[tab] = execFileSync(command, [file], { cwd: folder, env: environment, encoding: "utf8", timeout: 60_000 });
  }
  expect(JSON.parse(told.curl!).outputs.brief.value.ideas).toHaveLength(3);
  expect(told.Python).toContain("brief application/json;kind=brief");
  expect(told.JavaScript).toContain("brief application/json;kind=brief");
});

test("the endpoint's reference is read in place, and taken away as OpenAPI", async ({ page }) => {
  await page.goto("/market/services/art-generator");
  await page.getByText("/services/art-generator/call", { exact: true }).click();
  await expect(page.getByRole("main")).toContainText("seconds to wait for the outputs");
  const coming = page.waitForEvent("download");
  await page.getByRole("link", { name: "Download as OpenAPI" }).click();
  const document = JSON.parse(readFileSync(await (await coming).path(), "utf8"));
  expect(Object.keys(document.paths)).toEqual(["/services/art-generator/call"]);
});

test("the API is described without any other host, and found by words", async ({ page }) => {
  await page.goto("/docs"); // The harness fails on any request to elsewhere.
  await page.getByRole("searchbox").fill("cancel run");
  const found = page.getByText("/runs/{run}/cancel", { exact: true });
  await expect(found).toBeVisible({ timeout: 20_000 });
  await found.click();
  await expect(page.getByRole("main")).toContainText("Answers");
  await expectAccessible(page);
});

test("pages can be asked for without their content", async ({ page, server }) => {
  for (const path of ["/", "/market", "/market/services/music-style", "/docs"]) {
    const answer = await page.request.head(server.url + path);
    expect([path, answer.status()]).toEqual([path, 200]);
  }
});

/** Beside those that `pages.spec.ts` looks at. */
for (const [theme, path, ready] of [
  ["light", "/market?q=xylophone", "Nothing like this is here."],
  ["light", "/market/services/art-direction", "Model card"],
  ["dark", "/market/services/art-generator", "Model card"],
  ["dark", "/docs", "runs"],
] as const)
  test(`${path} is accessible in the ${theme} theme`, async ({ page }) => {
    await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
    await page.goto(path);
    await expect(page.getByRole("main").getByText(ready, { exact: true }).first()).toBeVisible({ timeout: 20_000 });
    for (const each of await page.getByText(/^(Parameters|What is in \w+|As a table)$/).all()) await each.click();
    await expectAccessible(page);
  });

test("on a phone the filters unfold with a touch, and cards open where they are touched", async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 800 });
  await page.goto("/market");
  await expect(cards(page, "Services")).toHaveCount(6);
  await page.getByRole("button", { name: "Filter" }).click();
  await page.getByRole("combobox", { name: "Gives" }).selectOption("image");
  await expect(cards(page, "Services")).toHaveCount(1);
  await cards(page, "Services")
    .first()
    .click({ position: { x: 30, y: 30 } });
  await expect(page.getByRole("heading", { level: 1, name: "Art generator" })).toBeVisible();
});

test("nothing is wider than a phone", async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 800 });
  for (const path of ["/market", "/market/services/music-style", "/market/pipelines/cover-art", "/docs"]) {
    await page.goto(path);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    await page.waitForLoadState("networkidle");
    const { scrollWidth, clientWidth } = await page.evaluate(() => document.documentElement);
    expect([path, scrollWidth]).toEqual([path, clientWidth]);
  }
});
