import { expect, test, type Page } from "./harness";
import { ended, runOf, told, wave } from "./song";

test.describe.configure({ timeout: 120_000 });

/** A line that is slow: milliseconds until an answer begins, and bytes a second that leave. */
async function slow(page: Page, latency: number, upload = -1): Promise<void> {
  const line = await page.context().newCDPSession(page);
  await line.send("Network.enable");
  const conditions = { offline: false, latency, downloadThroughput: -1, uploadThroughput: upload };
  await line.send("Network.emulateNetworkConditions", conditions);
}
/** A part of the application has another name from now on, as after an upgrade: the server itself says it is not there. */
const renamed = (page: Page, part: RegExp) =>
  page.route(part, (route) =>
    route.continue({
      url: route
        .request()
        .url()
        .replace(/\w+\.js$/, "gone.js"),
    }),
  );
const choose = (page: Page, seconds: number) =>
  page
    .getByLabel("Choose a file")
    .last()
    .setInputFiles({
      name: "long.wav",
      mimeType: "audio/wav",
      buffer: wave(seconds),
    });

test("a slow upload shows how far it is, and can be stopped", async ({ page }) => {
  await page.goto("/");
  const before = (await (await page.request.get("/runs?limit=500")).json()).items.length;
  await slow(page, 50, 120_000);
  await choose(page, 30);
  const bar = page.getByRole("progressbar", { name: "On its way …" });
  const share = () => bar.evaluate((each: HTMLProgressElement) => each.value);
  await expect.poll(share).toBeGreaterThan(0.05);
  const early = await share();
  expect(early).toBeLessThan(1);
  await expect.poll(share).toBeGreaterThan(early);
  await page.getByRole("button", { name: "Cancel" }).click();
  await expect(page.getByText("Drop a song")).toBeVisible();
  await expect(page.getByRole("alert")).toHaveCount(0);
  expect((await (await page.request.get("/runs?limit=500")).json()).items).toHaveLength(before);
});

test("on a slow line the page waits calmly, and nothing is shown that does not hold", async ({ page }) => {
  const { id } = await ended(page, wave(4), "Study in A.wav");
  await page.request.patch(`/runs/${id}/notes`, { data: { title: "Étude" } });
  await page.goto("/market");
  await slow(page, 700);
  await page.evaluate(() => {
    const seen = ((window as unknown as { seen: Set<string> }).seen = new Set());
    new MutationObserver(() => {
      for (const each of document.querySelectorAll("h1, [role=alert], main .none")) seen.add(each.textContent!.trim());
    }).observe(document.body, { childList: true, subtree: true, characterData: true });
  });
  await page.getByRole("link", { name: "Halles", exact: true }).click();
  await page
    .getByRole("link", { name: /^Étude/ })
    .first()
    .click();
  await expect(page.getByRole("main").getByRole("status").getByText("One moment …")).toBeAttached();
  await expect(page.getByRole("heading", { level: 1, name: "Étude" })).toBeVisible();
  await expect(page.getByRole("button", { name: /^Enlarge/ })).toHaveCount(2);
  await expect(page.getByText("Nobody sings here; the music alone decides.")).toBeVisible();
  const seen = await page.evaluate(() => [...(window as unknown as { seen: Set<string> }).seen]);
  expect(seen.filter((text) => !text.startsWith("Nobody sings"))).toEqual(["What does your song look like?", "Étude"]);
});

test("a song that is sent without a connection is sent when there is one", async ({ page, context }) => {
  await page.goto("/");
  await context.setOffline(true);
  await choose(page, 3);
  await expect(page.getByRole("alert").filter({ hasText: "The server does not answer." })).toBeVisible();
  await context.setOffline(false);
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "long" })).toBeVisible();
  await page.getByRole("button", { name: "Stop" }).click();
  await expect.poll(async () => (await told(page, runOf(page))).status).toBe("cancelled");
});

test("a page whose part is gone after an upgrade is loaded anew, once, and then says what it is", async ({ page }) => {
  await page.goto("/");
  let loads = 0;
  page.on("domcontentloaded", () => loads++);
  await renamed(page, /\/assets\/MarketPage-.*\.js/);
  await page.getByRole("navigation").getByRole("link", { name: "Market" }).click();
  const said = page.getByRole("heading", { level: 1, name: "A part of this page is missing." });
  await expect(said).toBeVisible({ timeout: 30_000 });
  expect(loads).toBe(1);
  await page.unrouteAll();
  await page.getByRole("button", { name: "Load again" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Market" })).toBeVisible();
});

test("where a part is gone that a button needs, the page says so, and what was written stays", async ({ page }) => {
  const { id } = await ended(page, wave(4), "Study in A.wav");
  await page.goto(`/cover/${id}`);
  await renamed(page, /\/assets\/client-zip-.*\.js/);
  await page.getByRole("textbox", { name: "Title" }).fill("Prelude");
  await page.getByRole("button", { name: "Download everything" }).click();
  const note = page.getByRole("alert").filter({ hasText: "A part of this page is missing." });
  await expect(note).toContainText("There is a newer version of Halles.");
  await page.unrouteAll();
  await note.getByRole("button", { name: "Load again" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Prelude" })).toBeVisible();
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Download everything" }).click(),
  ]);
  expect(download.suggestedFilename()).toBe("Prelude.zip");
});

test("after the computer slept the page shows what was said elsewhere meanwhile", async ({ page }) => {
  const { id } = await ended(page, wave(4), "Study in A.wav");
  await page.clock.install();
  await page.goto(`/cover/${id}`);
  await expect(page.getByRole("textbox", { name: "Title" })).toBeVisible();
  await page.request.patch(`/runs/${id}/notes`, { data: { title: "Sonata" } });
  await page.clock.fastForward("02:00:00");
  await expect(page.getByRole("heading", { level: 1, name: "Sonata" })).toBeVisible();
});
