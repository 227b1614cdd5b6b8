import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import type { Page } from "@playwright/test";
import { enter, openHall, test as base, type Hall } from "./hall";
import { expect, expectAccessibleInBothThemes, SONG } from "./harness";
import { push } from "./versions";

/** Tests on a server whose model was trained twice: the first version is in production, the second one waits. */
const test = base.extend<object, { hall: Hall }>({
  hall: [
    async ({}, use) => {
      const hall = await openHall({ HALLES_MODELS_SECONDS: "0.5" });
      await push(hall.server, "first", 0.6);
      await hall.server.command("models", "promote", "music-style", "--reason", "the first");
      await push(hall.server, "second", 0.8);
      await use(hall);
      await hall.server.end();
    },
    { scope: "worker", timeout: 90_000 },
  ],
});
test.describe.configure({ mode: "serial", timeout: 240_000 });

/** The gate lets both models work three times: seconds of CPU, and more of them on a busy machine. */
const JUDGED = { timeout: 60_000 };

const place = (page: Page, name: string) => page.getByRole("region", { name, exact: true });

/** Which version says the style of a song (the demo song unless given), called as a program does. */
async function answeredBy(hall: Hall, song?: Buffer<ArrayBuffer>): Promise<string> {
  const headers = { Authorization: `Bearer ${hall.keys.runner}` };
  const form = new FormData();
  const type = song ? "audio/wav" : "audio/ogg";
  form.append("song", new Blob([song ?? (await readFile(SONG))], { type }), song ? "noise.wav" : "song.opus");
  const called = await fetch(`${hall.server.url}/services/music-style/call?wait=60`, {
    method: "POST",
    headers,
    body: form,
  });
  const { outputs } = (await called.json()) as { outputs: { style: { model?: string; url?: string } } };
  if (outputs.style.model) return outputs.style.model;
  const style = await fetch(hall.server.url + outputs.style.url, { headers });
  return ((await style.json()) as { model: string }).model;
}

/** Two seconds of hiss, as a WAV file. No two are alike. */
function hiss(): Buffer<ArrayBuffer> {
  const [rate, width] = [16_000, 2];
  const sound = randomBytes(2 * rate * width);
  const head = Buffer.alloc(44);
  head.write("RIFF", 0);
  head.writeUInt32LE(36 + sound.length, 4);
  head.write("WAVEfmt ", 8);
  head.writeUInt32LE(16, 16); // what says the form: whole numbers, one channel
  head.writeUInt16LE(1, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(rate, 24);
  head.writeUInt32LE(rate * width, 28);
  head.writeUInt16LE(width, 32);
  head.writeUInt16LE(8 * width, 34);
  head.write("data", 36);
  head.writeUInt32LE(sound.length, 40);
  return Buffer.concat([head, sound]);
}

test("a viewer sees what serves and what waits, and promotes nothing", async ({ page, hall }) => {
  await enter(page, hall.keys.viewer);
  await page.goto("/operate?tab=models");
  await expect(place(page, "In production")).toContainText("music-style@1");
  await expect(place(page, "In production")).toContainText("answers with it");
  await expect(place(page, "In production")).toContainText("Drift: too few calls so far to tell (0).");
  await expect(place(page, "Candidate")).toContainText("music-style@2");
  await expect(page.getByRole("row").filter({ hasText: "music-style@2" })).toContainText("80%");
  await expect(page.getByRole("button", { name: /Promote/ })).toHaveCount(0);
  await expect(page.getByRole("button", { name: /Go back/ })).toHaveCount(0);
});

test("a version shows its figures, its card, and what another one has different", async ({ page, hall }) => {
  await enter(page, hall.keys.viewer);
  await page.goto("/operate?tab=models");
  await page.getByRole("button", { name: "Details of music-style@2" }).click();
  const dialog = page.getByRole("dialog", { name: "music-style@2" });
  await expect(dialog.getByText("80% (220 clips)")).toBeVisible();
  await expect(dialog.getByRole("heading", { name: "The card of second" })).toBeVisible();
  await expect(dialog.getByLabel("Compare with")).toHaveValue("1");
  const accuracy = dialog.getByRole("row").filter({ hasText: "Accuracy" });
  await expect(accuracy).toContainText("60%");
  await expect(accuracy).toContainText("+20");
  await expect(dialog.getByText("Made from something else: Parameters.")).toBeVisible();
});

test("the gate says why it refuses, and lets nobody through without a reason", async ({ page, hall }) => {
  await push(hall.server, "without blues", 0.8, "blues");
  await enter(page, hall.keys.operator);
  await page.goto("/operate?tab=models");
  await place(page, "Candidate").getByRole("button", { name: "Promote…" }).click();
  const dialog = page.getByRole("dialog", { name: "Promote music-style@3?" });
  await expect(dialog.getByRole("status")).toHaveText("The gate refuses this version.", JUDGED);
  await expect(dialog.getByText("blues is lost: 0.0% are found, 60.0% before.")).toBeVisible();
  await expect(dialog.getByRole("button", { name: "Promote" })).toBeDisabled();
  await dialog.getByLabel("Promote it all the same").check();
  await expect(dialog.getByRole("button", { name: "Promote anyway" })).toBeDisabled();
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await expect(place(page, "In production")).toContainText("music-style@1");
});

test("a better version is promoted, answers at once, and gives way again", async ({ page, hall }) => {
  expect(await answeredBy(hall)).toBe("music-style@1");
  await enter(page, hall.keys.operator);
  await page.goto("/operate?tab=models");
  await page.getByRole("button", { name: "Promote music-style@2…" }).click();
  const promoting = page.getByRole("dialog", { name: "Promote music-style@2?" });
  await expect(promoting.getByRole("status")).toHaveText("Nothing stands against it.", JUDGED);
  await expect(promoting.getByText(/80.0% of 220 clips are right, 60.0% in production/)).toBeVisible();
  await promoting.getByLabel("Reason").fill("better in every class");
  await promoting.getByRole("button", { name: "Promote" }).click();
  await expect(place(page, "In production")).toContainText("music-style@2", JUDGED);
  await expect(place(page, "In production")).toContainText("answers with it");
  expect(await answeredBy(hall)).toBe("music-style@2");
  await expect(place(page, "In production")).toContainText("Drift: too few calls so far to tell (1).");

  await page.getByRole("button", { name: "Go back to music-style@1…" }).click();
  const back = page.getByRole("dialog", { name: "Go back to music-style@1?" });
  await back.getByLabel("Reason").fill("complaints");
  await back.getByRole("button", { name: "Go back" }).click();
  await expect(place(page, "In production")).toContainText("music-style@1");
  const history = page.getByRole("list", { name: "History" }).getByRole("listitem");
  await expect(history.nth(0)).toContainText("Went back: 2 → 1");
  await expect(history.nth(0)).toContainText("complaints");
  await expect(history.nth(1)).toContainText("Promoted: 1 → 2");
  await expect(history.nth(1)).toContainText("operator");
  expect(await answeredBy(hall)).toBe("music-style@1");
});

test("who decides by what stood before is told, and nothing is lost", async ({ page, hall }) => {
  await enter(page, hall.keys.operator);
  await page.goto("/operate?tab=models");
  await page.getByRole("button", { name: "Promote music-style@2…" }).click();
  const dialog = page.getByRole("dialog", { name: "Promote music-style@2?" });
  await expect(dialog.getByRole("status")).toHaveText("Nothing stands against it.", JUDGED);
  await hall.server.command("models", "promote", "music-style", "2", "--reason", "somebody was faster");
  await dialog.getByRole("button", { name: "Promote" }).click();
  await expect(dialog.getByRole("alert")).toContainText("changed since you looked at it");
  await dialog.getByRole("button", { name: "Cancel" }).click();
  await expect(place(page, "In production")).toContainText("music-style@2");
});

test("who asks about something else than music of the training sees that the figures do not hold", async ({
  page,
  hall,
}) => {
  // Thirty calls are the least that say something.
  for (let asked = 0; asked < 32; asked += 4)
    expect(new Set(await Promise.all([0, 1, 2, 3].map(() => answeredBy(hall, hiss()))))).toEqual(
      new Set(["music-style@2"]),
    );
  await page.setViewportSize({ width: 390, height: 800 });
  await enter(page, hall.keys.viewer);
  await page.goto("/operate?tab=models");
  const told = /Drift: the newest 3\d calls are not what it was trained on \(\w+ [\d.]+, limit [\d.]+\)/;
  await expect(place(page, "In production")).toContainText(told);
  await expect(place(page, "In production")).toContainText("Its figures do not hold for them.");
  expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
  await expectAccessibleInBothThemes(page);
});

test("models, a version and the gate are accessible in both themes", async ({ page, hall }) => {
  await page.emulateMedia({ reducedMotion: "reduce" });
  await enter(page, hall.keys.operator);
  await page.goto("/operate?tab=models");
  await expect(place(page, "In production")).toBeVisible();
  await expectAccessibleInBothThemes(page);
  await page.getByRole("button", { name: "Details of music-style@3" }).click();
  await expect(page.getByRole("table", { name: /beside version/ })).toBeVisible(JUDGED);
  await expectAccessibleInBothThemes(page);
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Promote music-style@1…" }).click();
  await expect(page.getByText("The gate refuses this version.")).toBeVisible(JUDGED);
  await expectAccessibleInBothThemes(page);
});

test("a phone shows all of it without scrolling sideways", async ({ page, hall }) => {
  await page.setViewportSize({ width: 390, height: 800 });
  await enter(page, hall.keys.operator);
  await page.goto("/operate?tab=models");
  await expect(place(page, "In production")).toBeVisible();
  const wide = () => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  expect(await wide()).toBeLessThanOrEqual(0);
  await page.getByRole("button", { name: "Details of music-style@2" }).click();
  await expect(page.getByRole("table", { name: /beside version/ })).toBeVisible(JUDGED);
  expect(await wide()).toBeLessThanOrEqual(0);
});
