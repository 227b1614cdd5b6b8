import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, expectAccessibleInBothThemes, Server, SONG, test, type Page } from "./harness";
import { ended, painted, reused, runOf, sizeOf, told, unpacked, wave } from "./song";

test.describe.configure({ timeout: 180_000 });

const covers = (page: Page) => page.getByRole("region", { name: "Covers" }).getByRole("button", { name: /^Enlarge/ });
/** What each cover shows, as it is called on the page. */
const names = async (page: Page) => {
  await expect(covers(page).first()).toBeVisible();
  const labels = await covers(page).evaluateAll((all) => all.map((each) => each.getAttribute("aria-label")!));
  return labels.map((label) => label.replace("Enlarge: ", ""));
};
/** The button of each cover that is called so, in their order. */
const each = (page: Page, name: RegExp) => page.getByRole("region", { name: "Covers" }).getByRole("button", { name });
const choose = (page: Page, file: string | { name: string; mimeType: string; buffer: Buffer }) =>
  page.getByLabel("Choose a file").last().setInputFiles(file);

test("who has no song yet sees what comes of one", async ({ own, page }) => {
  await page.goto(own.url);
  const example = page.getByRole("figure").filter({ hasText: "Three covers of the demo song" });
  await expect(example.locator("img")).toHaveCount(3);
  await expect
    .poll(() => example.locator("img").evaluateAll((all: HTMLImageElement[]) => all.map((each) => each.naturalWidth)))
    .toEqual([560, 560, 560]);
  await expectAccessibleInBothThemes(page);
});

test("a song becomes covers, and what is found is shown as it comes", async ({ page }) => {
  await page.goto("/");
  await choose(page, SONG);
  const happening = page.getByRole("region", { name: "What is happening" });
  await expect(happening.getByText("Listening for words")).toBeVisible();
  await expect(happening.getByText("not asked for")).toBeVisible();
  await expect(page.getByRole("heading", { level: 1, name: "song" })).toBeVisible();
  await expect(page.getByRole("heading", { name: "Style" })).toBeVisible({ timeout: 60_000 });
  await expectAccessibleInBothThemes(page);

  await page.reload(); // In the middle of it: nothing is lost.
  await expect(page.getByRole("heading", { level: 1, name: "song" })).toBeVisible();
  const brief = page.getByRole("region", { name: "The brief" });
  await expect(brief.getByText(/because the words name/).first()).toBeVisible({ timeout: 60_000 });
  expect((await told(page, runOf(page))).status).toBe("running"); // Before the covers, and not to be changed yet.
  await expect(brief.getByRole("textbox", { name: "Subject" })).toBeDisabled();
  const run = await painted(page);
  await expect(brief.getByRole("textbox", { name: "Subject" })).toBeEnabled();
  expect(run.outputs.cover).toHaveLength(3);
  await expect(covers(page)).toHaveCount(3);
  await expect(page.getByRole("region", { name: "What was heard" })).toContainText("loneliness");
  await expectAccessibleInBothThemes(page);
});

test("a click on a line goes there in the song, and lights it", async ({ page }) => {
  const { id } = await ended(page);
  await page.goto(`/cover/${id}`);
  const lines = page
    .getByRole("list", { name: "Words" })
    .getByRole("button")
    .filter({ hasNot: page.locator("svg") });
  await expect(page.getByText("0:00 / 0:46")).toBeVisible();
  await lines.nth(4).click();
  await expect(lines.nth(4)).toHaveAttribute("aria-current", "true");
  await expect
    .poll(async () =>
      Number(await page.getByRole("slider", { name: "Position in the song" }).getAttribute("aria-valuenow")),
    )
    .toBeGreaterThan(5);
});

test("a corrected line changes only what depends on it, and what is liked stays", async ({ page }) => {
  const before = await ended(page);
  await page.goto(`/cover/${before.id}`);
  const like = each(page, /^Keep/).nth(1);
  await like.click();
  await expect(like).toHaveAttribute("aria-pressed", "true");
  await page.getByRole("button", { name: /^Correct “My little bout/ }).click();
  await page.getByRole("textbox", { name: "Correct this line" }).fill("My little boat is more than old");
  await page.getByRole("button", { name: "Save" }).click();

  const run = await painted(page, before.id);
  expect(run.parent).toBe(before.id);
  expect(reused(run)).toEqual({
    kept: ["style"],
    edited: ["recognise"],
    anew: expect.arrayContaining(["analyse", "direct", "paint"]),
  });
  expect(run.outputs.cover![1]!.sha256).toBe(before.outputs.cover![1]!.sha256);
  await expect(page.getByText("My little boat is more than old")).toBeVisible();
  await expect(page.getByText(/^Kept as it was: Hearing the style\./)).toBeVisible();
  await expect(each(page, /^Keep/).nth(1)).toHaveAttribute("aria-pressed", "true");
});

test("a changed brief is painted, and nothing else is done again", async ({ page }) => {
  const before = await ended(page);
  await page.goto(`/cover/${before.id}`);
  const brief = page.getByRole("region", { name: "The brief" });
  await brief.getByRole("textbox", { name: "Subject" }).fill("whale");
  await brief.getByRole("combobox", { name: "Medium" }).selectOption("linocut");
  await expect(brief.getByRole("button", { name: "Keep: Medium" })).toHaveAttribute("aria-pressed", "true");
  await brief.getByRole("button", { name: "Paint again" }).click();

  const run = await painted(page, before.id);
  expect(reused(run)).toEqual({ kept: ["style", "recognise", "analyse"], edited: ["direct"], anew: ["paint"] });
  await expect(page.getByRole("button", { name: "Enlarge: whale, linocut" })).toBeVisible();
  const [first, ...others] = run.outputs.cover!.map((each) => each.sha256);
  expect(first).not.toBe(before.outputs.cover![0]!.sha256);
  expect(others).toEqual(before.outputs.cover!.slice(1).map((each) => each.sha256));
  await expect(brief.getByText("You decided this.")).toHaveCount(2);
});

test("other ideas come for what is not liked; a mood changes them, too; what is locked stays", async ({ page }) => {
  const before = await ended(page);
  await page.goto(`/cover/${before.id}`);
  await each(page, /^Keep/).first().click();
  await page.getByRole("button", { name: "Draw the rest anew" }).click();
  const other = await painted(page, before.id);
  const hashes = other.outputs.cover!.map((each) => each.sha256);
  expect(hashes[0]).toBe(before.outputs.cover![0]!.sha256);
  expect(hashes.slice(1)).not.toEqual(before.outputs.cover!.slice(1).map((each) => each.sha256));

  const brief = page.getByRole("region", { name: "The brief" });
  await brief.getByRole("textbox", { name: "Mood" }).fill("furious");
  await brief.getByRole("button", { name: "Paint again" }).click();
  const furious = await painted(page, other.id);
  expect(reused(furious).kept).toEqual(["style", "recognise", "analyse"]);
  expect(furious.outputs.cover![0]!.sha256).toBe(hashes[0]);
  await expect(brief.getByRole("textbox", { name: "Mood" })).toHaveValue("furious");
});

test("a cover is exported with its title: as PNG, for shops, and everything in one file", async ({ page }) => {
  const { id, outputs } = await ended(page);
  await page.goto(`/cover/${id}`);
  await page.getByRole("textbox", { name: "Title" }).fill("Harbour Light");
  await page.getByRole("textbox", { name: "Artist" }).fill("The Keepers");
  await page.keyboard.press("Tab");
  await expect(page.getByRole("heading", { level: 1, name: "Harbour Light" })).toBeVisible();

  const saved = async (kind: string) => {
    await each(page, /^Download/)
      .first()
      .click();
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("menuitem", { name: kind }).click(),
    ]);
    return { name: download.suggestedFilename(), size: await sizeOf(await download.path()) };
  };
  expect(await saved("Picture (PNG)")).toEqual({ name: "The Keepers - Harbour Light 1.png", size: [512, 512] });
  expect(await saved("For shops")).toEqual({ name: "The Keepers - Harbour Light 1.jpg", size: [3000, 3000] });

  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Download everything" }).click(),
  ]);
  expect(download.suggestedFilename()).toBe("The Keepers - Harbour Light.zip");
  const folder = await unpacked(await download.path());
  const files = await readdir(join(folder, "The Keepers - Harbour Light"), { recursive: true });
  const covers = (await names(page)).map((name, at) => `${at + 1} ${name}`);
  expect(files).toEqual(
    expect.arrayContaining([
      ...covers.map((name) => `Covers/${name}.png`),
      ...covers.map((name) => `Covers for shops (3000 px)/${name}.jpg`),
      ...covers.map((name) => `Covers without text/${name}.png`),
      ...["Words.txt", "Words.lrc", "Style.json", "Brief.json", "Credits.txt", "How it was made.zip"],
    ]),
  );
  const at = (name: string) => join(folder, "The Keepers - Harbour Light", name);
  const hash = async (name: string) =>
    createHash("sha256")
      .update(await readFile(at(name)))
      .digest("hex");
  expect(await sizeOf(at(`Covers for shops (3000 px)/${covers[0]}.jpg`))).toEqual([3000, 3000]);
  expect(await hash(`Covers without text/${covers[0]}.png`)).toBe(outputs.cover![0]!.sha256);
  expect(await hash(`Covers/${covers[0]}.png`)).not.toBe(outputs.cover![0]!.sha256);
  expect(await readFile(at("Words.lrc"), "utf8")).toMatch(
    /^\[ti:Harbour Light\]\n\[ar:The Keepers\]\n\[00:0\d\.\d\d\]The harbor/,
  );

  // How it was made is a bundle that any server can check; it says whose work it is.
  const record = await readFile(at("How it was made.zip"));
  const { verdict } = await (await page.request.post("/bundles", { data: record })).json();
  expect([verdict.ok, verdict.run]).toEqual([true, id]);
});

test("a link shows covers, words and song to somebody else, until it is taken back", async ({ page, browser }) => {
  const { id } = await ended(page);
  await page.goto(`/cover/${id}`);
  await page.getByRole("textbox", { name: "Title" }).fill("Harbour Light");
  await page.getByRole("textbox", { name: "Artist" }).fill("The Keepers");
  await page.getByRole("button", { name: "Share" }).click();
  const dialog = page.getByRole("dialog", { name: "Share by link" });
  await dialog.getByRole("switch", { name: "Let them hear the song, too" }).check();
  await dialog.getByRole("button", { name: "Make a link" }).click();
  const link = dialog.getByRole("link", { name: "Covers, words and song" });
  await expect(link).toBeVisible();
  await expectAccessibleInBothThemes(page);

  const elsewhere = await browser.newContext({ locale: "en-GB" });
  const guest = await elsewhere.newPage();
  await guest.goto((await link.getAttribute("href"))!);
  await expect(guest.getByRole("heading", { level: 1, name: "Harbour Light" })).toBeVisible();
  await expect(guest.getByText("The Keepers", { exact: true })).toBeVisible();
  await expect(covers(guest)).toHaveCount(2);
  await expect(guest.getByText("0:00 / 0:46")).toBeVisible();
  await expect(guest.getByRole("button", { name: "The lonely sea is all I hear" })).toBeVisible();
  await expect(guest.getByRole("navigation")).toHaveCount(0);
  await expectAccessibleInBothThemes(guest);

  await dialog.getByRole("button", { name: "Take back" }).click();
  await expect(link).toHaveCount(0);
  await guest.reload();
  await expect(guest.getByRole("heading", { name: "This link has ended." })).toBeVisible();
  await elsewhere.close();
});

test("a cover is looked at closely, by keys, wheel and buttons", async ({ page }) => {
  const { id } = await ended(page);
  await page.goto(`/cover/${id}`);
  const [first, second] = await names(page);
  await covers(page).first().click();
  const box = page.getByRole("dialog", { name: first });
  const zoom = box.getByRole("status", { name: "Zoom" });
  await expect(zoom).toHaveText("100%");
  await page.keyboard.press("+");
  await expect(zoom).toHaveText("150%");
  await box.getByRole("img").hover();
  await page.mouse.wheel(0, -500);
  await expect(zoom).not.toHaveText("150%");
  await expectAccessibleInBothThemes(page);
  await box.getByRole("button", { name: "Whole picture" }).click();
  await expect(zoom).toHaveText("100%");
  await page.keyboard.press("ArrowRight");
  await expect(page.getByRole("dialog", { name: second })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toHaveCount(0);
});

test("a recording from the microphone is heard again, and sent", async ({ page, context }) => {
  await context.grantPermissions(["microphone"]);
  await page.goto("/");
  await page.getByRole("button", { name: "Record", exact: true }).click();
  await expect(page.getByRole("timer")).toHaveText(/^0:(0[2-9]|[1-5]\d)$/);
  await page.getByRole("button", { name: "Finish" }).click();
  await expect(page.getByRole("button", { name: "Play" })).toBeEnabled();
  await page.getByRole("button", { name: "Paint its cover" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Recording" })).toBeVisible();
  const run = await told(page, runOf(page));
  expect(run.inputs.song!.media_type).toMatch(/^audio\//);
  await page.request.post(`/runs/${run.id}/cancel`); // Two seconds are painted soon; nobody looks at that here.
});

test("without a microphone it is said what to do", async ({ page }) => {
  await page.goto("/");
  await page.getByRole("button", { name: "Record", exact: true }).click();
  await expect(page.getByRole("alert")).toContainText("The microphone is not open to this page.");
});

test("an instrumental is painted from its music alone", async ({ page }) => {
  const { id, steps } = await ended(page, wave(4), "Study in A.wav");
  expect(steps.find((step) => step.id === "analyse")!.status).toBe("skipped");
  await page.goto(`/cover/${id}`);
  await expect(page.getByText("Nobody sings here; the music alone decides.")).toBeVisible();
  await expect(covers(page)).toHaveCount(2);
});

test("what is no song is refused in words, before it is sent where that can be told", async ({ page }) => {
  const sent: string[] = [];
  page.on("request", (request) => request.method() === "POST" && sent.push(request.url()));
  await page.goto("/");
  const note = page.getByRole("alert");
  await choose(page, { name: "notes.txt", mimeType: "text/plain", buffer: Buffer.from("la la la") });
  await expect(note).toContainText("“notes.txt” is no song.");
  await choose(page, { name: "nothing.mp3", mimeType: "audio/mpeg", buffer: Buffer.alloc(0) });
  await expect(note).toContainText("“nothing.mp3” is empty.");
  await choose(page, { name: "silence.wav", mimeType: "audio/wav", buffer: wave(2, 0) });
  await expect(note).toContainText("“silence.wav” is silent from beginning to end.");
  await choose(page, { name: "click.wav", mimeType: "audio/wav", buffer: wave(0.3) });
  await expect(note).toContainText("“click.wav” is shorter than a second.");
  await expectAccessibleInBothThemes(page);
  expect(sent).toEqual([]);

  const cut = Buffer.concat([Buffer.from([0, 0, 0, 24]), Buffer.from("ftypM4A "), Buffer.alloc(400, 7)]);
  await choose(page, { name: "cut.m4a", mimeType: "audio/mp4", buffer: cut });
  await expect(note).toContainText("The server cannot work with this file.");
  await expect(note).toContainText("cut off or damaged");
});

test("a song that is too long or too large for the server is refused in words", async ({ page }) => {
  const small = await Server.begin({ HALLES_MAX_AUDIO_SECONDS: "5", HALLES_MAX_INPUT_BYTES: "400000" });
  await page.goto(small.url);
  await choose(page, { name: "long.wav", mimeType: "audio/wav", buffer: wave(8) });
  await expect(page.getByRole("alert")).toContainText("at most 5 s are taken");
  await choose(page, { name: "large.wav", mimeType: "audio/wav", buffer: wave(20) });
  await expect(page.getByRole("alert")).toContainText("This is larger than what is taken here.");
  await small.end();
});

test("what is said of a song is known in other tabs, on other devices, and in the lists", async ({
  page,
  context,
  browser,
}) => {
  const { id } = await ended(page, wave(4), "Study in A.wav");
  await page.goto(`/cover/${id}`);
  const other = await context.newPage();
  await other.goto(`/cover/${id}`);
  const [title, artist] = ["Title", "Artist"].map((name) => page.getByRole("textbox", { name }));
  await title!.fill("Étude");
  await title!.press("Tab");
  await expect(other.getByRole("heading", { level: 1, name: "Étude" })).toBeVisible();
  await other.getByRole("textbox", { name: "Artist" }).fill("Ada");
  await other.keyboard.press("Tab");
  await expect(artist!).toHaveValue("Ada"); // Neither takes away what the other one wrote.
  await expect(title!).toHaveValue("Étude");
  await page
    .getByRole("button", { name: /^Keep: / })
    .first()
    .click();

  const elsewhere = await browser.newContext({ locale: "en-GB" });
  const device = await elsewhere.newPage();
  await device.goto(new URL(`/cover/${id}`, page.url()).href);
  await expect(device.getByRole("heading", { level: 1, name: "Étude" })).toBeVisible();
  await expect(device.getByRole("textbox", { name: "Artist" })).toHaveValue("Ada");
  await expect(device.getByRole("button", { name: /^Keep: / }).first()).toHaveAttribute("aria-pressed", "true");
  await device.goto(new URL("/", page.url()).href);
  await expect(device.getByRole("link", { name: /^Étude Ada$/ })).toBeVisible();
  await device.goto(new URL("/history?text=étude", page.url()).href);
  await expect(device.getByRole("row", { name: /Étude – Ada/ })).toBeVisible();
  await elsewhere.close();
});

test("a title that is written without a connection is kept, and saved when there is one", async ({ page, context }) => {
  const { id } = await ended(page, wave(4), "Study in A.wav");
  await page.goto(`/cover/${id}`);
  const title = page.getByRole("textbox", { name: "Title" });
  await expect(title).toBeVisible();
  await context.setOffline(true);
  await title.fill("Nocturne");
  await title.press("Tab");
  await expect(page.getByText("Not saved yet: waiting for the connection.")).toBeVisible();
  await expect(page.getByRole("heading", { level: 1, name: "Nocturne" })).toBeVisible();
  await context.setOffline(false);
  await expect(page.getByText("Not saved yet: waiting for the connection.")).toBeHidden({ timeout: 20_000 });
  const { notes } = await (await page.request.get(`/runs/${id}`)).json();
  expect(notes.title).toBe("Nocturne");
});

test("songs of before are shown by their covers, and deleted when that is confirmed", async ({ page }) => {
  const { id } = await ended(page, wave(4), "Study in A.wav");
  await page.goto("/");
  const song = page.getByRole("listitem").filter({ has: page.locator(`a[href="/cover/${id}"]`) });
  await expect(song.getByText("Study in A")).toBeVisible();
  await expect(song.getByRole("img", { includeHidden: true })).toBeVisible();
  await song.getByRole("button", { name: "Delete “Study in A”" }).click();
  const dialog = page.getByRole("alertdialog");
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await expect(song).toBeVisible();
  await song.getByRole("button", { name: "Delete “Study in A”" }).click();
  await dialog.getByRole("button", { name: "Delete" }).click();
  await expect(song).toHaveCount(0);
  expect((await page.request.get(`/runs/${id}`)).status()).toBe(404);
});

test("the voice is separated first when that is wished", async ({ page }) => {
  await page.goto("/");
  await page.getByRole("switch", { name: "Separate the voice first" }).check();
  await page.getByRole("button", { name: "Try the demo song" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Demo song" })).toBeVisible();
  const run = await told(page, runOf(page));
  expect(await (await page.request.get(run.inputs.extract_voice!.url)).json()).toBe(true);
  await page.getByRole("button", { name: "Stop" }).click();
  await expect(page.getByText("Stopped.")).toBeVisible();
});

test("on a phone nothing is wider than the window", async ({ page }) => {
  const { id } = await ended(page);
  const link = await (await page.request.post(`/runs/${id}/share`, { data: { inputs: true } })).json();
  await page.setViewportSize({ width: 390, height: 844 });
  for (const path of ["/", `/cover/${id}`, link.url]) {
    await page.goto(path);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    await page.waitForLoadState("networkidle");
    expect(await page.evaluate(() => document.documentElement.scrollWidth), path).toBeLessThanOrEqual(390);
    await expectAccessibleInBothThemes(page);
  }
});
