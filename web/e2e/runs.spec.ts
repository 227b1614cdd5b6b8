import { readFile } from "node:fs/promises";
import { expect, expectAccessible, expectAccessibleInBothThemes, SONG, test, type Page } from "./harness";

/** One small picture: what is tested here is not the painting. */
const SMALL = { "paint.count": "1", "paint.size": "512" };

/** A run that is begun without the page, where a test is about what comes after. Gives its id. */
async function begin(page: Page, prompt: string, seed = 1): Promise<string> {
  const answer = await page.request.post("/pipelines/prompt-to-picture/run", {
    multipart: { prompt, ...SMALL },
    params: { seed },
  });
  expect(answer.status(), await answer.text()).toBe(202);
  return ((await answer.json()) as { run: string }).run;
}
const state = async (page: Page, run: string) =>
  ((await (await page.request.get(`/runs/${run}`)).json()) as { status: string }).status;
async function finished(page: Page, prompt: string, seed = 1): Promise<string> {
  const run = await begin(page, prompt, seed);
  await expect.poll(() => state(page, run), { timeout: 50_000 }).toBe("finished");
  return run;
}
const row = (page: Page, name: string | RegExp) => page.getByRole("row").filter({ hasText: name });
const head = (page: Page) => page.getByRole("main").getByRole("heading", { level: 1 });

test("a new run appears in the list by itself, and changes its state there", async ({ page }) => {
  await page.goto("/history");
  await expect(head(page)).toHaveText("Runs");
  await begin(page, "a lighthouse in the fog");
  await expect(row(page, "a lighthouse in the fog")).toBeVisible();
  await expect(row(page, "a lighthouse in the fog")).toContainText("finished", { timeout: 50_000 });
  const picture = row(page, "a lighthouse in the fog").getByRole("img", { name: "a lighthouse in the fog" });
  await expect.poll(() => picture.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(160);
});

test("the list is narrowed by words, state and time, and the address keeps it", async ({ page }) => {
  await finished(page, "a lighthouse in the fog");
  await begin(page, "a green hill");
  await page.goto("/history");
  await page.getByRole("searchbox").fill("lighthouse");
  await expect(row(page, "a green hill")).toHaveCount(0);
  await expect(row(page, "a lighthouse in the fog").first()).toBeVisible();
  await page.getByLabel("When").selectOption({ label: "In the last hour" });
  await page.getByRole("button", { name: "finished", exact: true }).click();
  await expect(page).toHaveURL(/text=lighthouse.*within=hour|state=finished/);
  await page.reload();
  await expect(page.getByRole("searchbox")).toHaveValue("lighthouse");
  await expect(page.getByRole("button", { name: "finished", exact: true })).toHaveAttribute("aria-pressed", "true");
  await expect(row(page, "a lighthouse in the fog").first()).toBeVisible();
  await page.getByRole("button", { name: "failed", exact: true }).click();
  await expect(page.getByText("No run is like that.")).toBeVisible();
  await page.getByRole("link", { name: "Show all runs" }).click();
  await expect(row(page, "a green hill").first()).toBeVisible();
});

test("arrow keys go through the list, and Enter opens a run", async ({ page }) => {
  await finished(page, "a lighthouse in the fog");
  await begin(page, "a green hill");
  await page.goto("/history");
  const links = page.getByRole("row").getByRole("link");
  await links.first().focus();
  await page.keyboard.press("ArrowDown");
  await expect(links.nth(1)).toBeFocused();
  await page.keyboard.press("Home");
  await expect(links.first()).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(head(page)).toHaveText("Prompt → picture");
});

test("a run shows its results, its graph, when each step worked and what happened", async ({ page }) => {
  const run = await finished(page, "a lighthouse in the fog");
  await page.goto(`/history/${run}`);
  await expect(page.getByRole("img", { name: /^picture/ }).first()).toBeVisible();
  await page
    .getByRole("group", { name: "Graph" })
    .getByRole("button", { name: /^paint/ })
    .click();
  const step = page.getByRole("region", { name: "paint" });
  await expect(step.getByRole("link", { name: "Art generator" })).toHaveAttribute(
    "href",
    "/market/services/art-generator",
  );
  await expect(step).toContainText("prompt ← prompt");
  await page.getByRole("tab", { name: "Timeline" }).click();
  await expect(page.getByRole("table", { name: "Timeline" }).getByRole("row", { name: /paint/ })).toContainText(
    /\d s|known/,
  );
  await page.getByRole("tab", { name: "Log" }).click();
  await expect(page.getByRole("log")).toContainText(
    /Put in the queue\.[\s\S]*Begun\.[\s\S]*paint (is finished|is known)[\s\S]*Finished\./,
  );
  await expect(page).toHaveURL(/view=log/);
  await page.getByRole("tab", { name: "Values" }).click();
  await page.getByText("given · prompt").click();
  await expect(page.getByRole("tabpanel").getByText("a lighthouse in the fog")).toBeVisible();
});

test("how a picture was made is told in sentences and as a tree", async ({ page }) => {
  const run = await finished(page, "a lighthouse in the fog", 7);
  await page.goto(`/history/${run}`);
  await page
    .getByRole("button", { name: /^How it was made.*picture/ })
    .first()
    .click();
  const dialog = page.getByRole("dialog", { name: "How this picture was made" });
  await expect(dialog).toContainText(/Art generator [\d.]+ made covers and credits from “prompt”, which was given\./);
  await expect(dialog).toContainText("seed: 7");
  await dialog.getByRole("tab", { name: "As a tree" }).click();
  await expect(dialog).toContainText("prompt ← “prompt”, which was given");
  await expect(page).toHaveURL(/made=[0-9a-f]{64}/);
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
});

test("a run goes on from a step, and from a value that was changed by hand", async ({ page }) => {
  test.setTimeout(120_000);
  const run = await finished(page, "a lighthouse in the fog");
  await page.goto(`/history/${run}?step=paint`);
  await page.getByRole("button", { name: "Run again from paint" }).click();
  await expect(page).not.toHaveURL(new RegExp(run));
  await expect(page.getByRole("link", { name: "goes on from another run" })).toHaveAttribute("href", `/history/${run}`);
  await expect(page.getByRole("main").getByText("finished", { exact: true }).first()).toBeVisible({ timeout: 60_000 });

  await page.goto(`/history/${run}?step=paint`);
  await page.getByRole("button", { name: /^Change.*credits/ }).click();
  const dialog = page.getByRole("dialog");
  await expect(dialog.getByRole("textbox")).not.toHaveValue("");
  await dialog.getByRole("textbox").fill("Painted on the quay");
  await dialog.getByRole("button", { name: "Go on from here" }).click();
  const step = page.getByRole("region", { name: "paint" });
  await expect(step).toContainText("Changed by hand.");
  await expect(step).toContainText("Painted on the quay");
});

test("two runs stand side by side, and what differs is marked", async ({ page }) => {
  const runs = [await finished(page, "a lighthouse in the fog", 1), await finished(page, "a lighthouse in the fog", 2)];
  await page.goto("/history?text=lighthouse");
  for (const index of [0, 1])
    await page
      .getByRole("checkbox", { name: /^Compare Prompt/ })
      .nth(index)
      .check();
  await expect(page.getByText("Two runs chosen")).toBeVisible();
  await page.goto(`/history/compare?left=${runs[0]}&right=${runs[1]}`);
  await expect(head(page)).toHaveText("Two runs, side by side");
  await expect(page.getByRole("status").filter({ hasText: /\d differences/ })).toBeVisible();
  await expect(page.getByRole("img", { name: /^Left: picture/ }).first()).toBeVisible();
  await expect(page.getByRole("img", { name: /^Right: picture/ }).first()).toBeVisible();
  await expect(page.getByRole("row", { name: /^Seed ?: differs 1 2$/ })).toBeVisible();
  await page.getByLabel("Only what differs").check();
  await expect(page.getByRole("heading", { name: "Given" })).toHaveCount(0);
  await expect(page.getByRole("row", { name: /^Seed ?: differs 1 2$/ })).toBeVisible();
  await expectAccessible(page);
});

test("a run is stopped, then deleted; its address says that it is gone", async ({ page }) => {
  const song = { name: "stopped.opus", mimeType: "audio/ogg", buffer: await readFile(SONG) };
  const answer = await page.request.post("/pipelines/cover-art/run", { multipart: { song }, params: { seed: 1234 } });
  const { run } = (await answer.json()) as { run: string };
  await page.goto(`/history/${run}`);
  await page.getByRole("button", { name: "Stop" }).click();
  await expect(page.getByRole("button", { name: "Go on" })).toBeVisible({ timeout: 30_000 });
  await page.getByRole("button", { name: "More", exact: true }).click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await expect(page.getByText("Run deleted")).toBeVisible();
  await expect(page).toHaveURL(/\/history$/);
  await page.goto(`/history/${run}`);
  await expect(page.getByText("This run is not here.")).toBeVisible();
});

test("a bundle is saved, checked, run again, and compared with what it holds", async ({ page }) => {
  test.setTimeout(120_000);
  const run = await finished(page, "a lighthouse in the fog");
  const bundle = await page.request.get(`/runs/${run}/bundle`);
  await page.goto("/history");
  await page.getByRole("button", { name: "Check a bundle" }).click();
  const dialog = page.getByRole("dialog");
  const file = (buffer: Buffer) => ({ name: "run.zip", mimeType: "application/zip", buffer });
  await dialog.locator("input[type=file]").setInputFiles(file(Buffer.from("no bundle at all")));
  await dialog.getByRole("button", { name: "Check", exact: true }).click();
  await expect(dialog.getByRole("alert")).toBeVisible();
  await dialog.locator("input[type=file]").setInputFiles(file(await bundle.body()));
  await dialog.getByRole("button", { name: "Check", exact: true }).click();
  await expect(dialog.getByText("The bundle is whole and true.")).toBeVisible();
  await dialog.getByRole("button", { name: "Run it again here" }).click();
  await expect(page.getByText("This run gave the same as the one in the bundle.")).toBeVisible({ timeout: 60_000 });
});

test("runs are accessible in both themes", async ({ page }) => {
  await page.emulateMedia({ reducedMotion: "reduce" });
  const run = await finished(page, "a lighthouse in the fog");
  for (const address of ["", ...["graph", "timeline", "log", "values"].map((view) => `/${run}?view=${view}`)]) {
    await page.goto(`/history${address}`);
    await expect(head(page)).toBeVisible();
    await page.waitForLoadState("networkidle");
    await expectAccessibleInBothThemes(page);
  }
  await page
    .getByRole("button", { name: /^How it was made.*picture/ })
    .first()
    .click();
  await expect(page.getByRole("dialog").getByRole("listitem").first()).toBeVisible();
  await expectAccessibleInBothThemes(page);
});
