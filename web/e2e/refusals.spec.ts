import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { asOperator, enter, newAccount, newKey, openHall, test as hallTest, type Hall } from "./hall";
import { expect, expectAccessible, Server, test, type Page } from "./harness";

const told = (page: Page) => page.getByRole("alert");

/** A run that has ended, of whom a key is. */
async function ended(url: string, headers: Record<string, string> = {}): Promise<string> {
  const form = new FormData();
  for (const [name, value] of Object.entries({ prompt: "a quiet pier", "paint.count": "1", "paint.size": "512" }))
    form.append(name, value);
  const answer = await fetch(`${url}/pipelines/prompt-to-picture/run?wait=55`, { method: "POST", body: form, headers });
  expect(answer.status, await answer.clone().text()).toBe(200);
  return ((await answer.json()) as { run: string }).run;
}

hallTest("401: whoever is not signed in is asked to, and comes to where they wanted", async ({ page, hall }) => {
  await page.goto("/history?state=failed");
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  await page.getByLabel("API key", { exact: true }).fill(hall.keys.runner);
  await page.getByRole("button", { name: "Sign in with this key" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Runs" })).toBeVisible();
  await expect(page).toHaveURL(/state=failed/);
});

hallTest("403: what is not open to somebody is said so", async ({ page, hall }) => {
  hallTest.setTimeout(90_000);
  const account = await newAccount(hall, "demoted", "runner");
  const key = await newKey(hall, account);
  const run = await ended(hall.server.url, { Authorization: `Bearer ${key}` });
  await enter(page, key);
  await asOperator(hall, "PATCH", `/accounts/${account}`, { role: "viewer" });
  await page.goto(`/history/${run}`);
  await page.getByRole("button", { name: "Run again", exact: true }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Run again" }).click();
  await expect(told(page)).toContainText("This is not open to you. Who looks after this server can change that.");
  await expectAccessible(page);
});

hallTest("404: the run of somebody else is not there", async ({ page, hall }) => {
  const run = await ended(hall.server.url, { Authorization: `Bearer ${hall.keys.operator}` });
  await enter(page, hall.keys.runner);
  await page.goto(`/history/${run}`);
  await expect(page.getByText("This run is not here.")).toBeVisible();
  await page.getByRole("link", { name: "All runs" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Runs" })).toBeVisible();
});

test("409: a run that is shared is not deleted, and the reason stands there", async ({ page }) => {
  const run = await ended(await address(page));
  await page.request.post(`/runs/${run}/share`, { data: {} });
  await page.goto(`/history/${run}`);
  await page.getByRole("button", { name: "More", exact: true }).click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await expect(told(page)).toContainText("That does not go together with how things are now.");
  await expect(told(page)).toContainText("The run is shared");
});

test("422: a value that does not fit is refused where it was written, and stays", async ({ page }) => {
  const run = await ended(await address(page));
  await page.goto(`/history/${run}?step=paint`);
  await page.getByRole("button", { name: /^Change.*covers/ }).click();
  const dialog = page.getByRole("dialog");
  const note = { name: "note.txt", mimeType: "text/plain", buffer: Buffer.from("no picture at all") };
  await dialog.locator("input[type=file]").setInputFiles(note);
  await dialog.getByRole("button", { name: "Go on from here" }).click();
  await expect(told(page)).toContainText("Something in it is not right yet.");
  await expect(told(page)).toContainText("covers");
  await expect(dialog).toContainText("note.txt");
});

test.describe("on servers of their own", () => {
  let server: Server;
  let hall: Hall;
  test.afterEach(async () => (server ?? hall?.server).end());

  test("413: what is too large is refused with the limit", async ({ page }) => {
    test.setTimeout(120_000);
    server = await Server.begin({ HALLES_MAX_BODY_BYTES: "2000" });
    const run = await ended(server.url);
    await page.goto(`${server.url}/history/${run}?step=paint`);
    await page.getByRole("button", { name: /^Change.*credits/ }).click();
    await page.getByRole("dialog").getByRole("textbox").fill("too long ".repeat(400));
    await page.getByRole("dialog").getByRole("button", { name: "Go on from here" }).click();
    await expect(told(page)).toContainText("This is larger than what is taken here.");
    await expect(told(page)).toContainText("At most 2 kB are taken.");
  });

  test("429: too much at once is told, with when to try again", async ({ page }) => {
    test.setTimeout(90_000);
    hall = await openHall({ HALLES_RATE_LIMIT: "60/minute" });
    [server] = [hall.server];
    await page.goto(`${server.url}/`);
    const headers = { Authorization: `Bearer ${hall.keys.viewer}` };
    await page.request.post(`${server.url}/auth/session`, { headers });
    await page.goto(`${server.url}/history`);
    await expect(page.getByRole("heading", { level: 1, name: "Runs" })).toBeVisible();
    await expect.poll(async () => (await page.request.get(`${server.url}/me`)).status(), { intervals: [10] }).toBe(429);
    await page.getByRole("button", { name: "failed", exact: true }).click();
    await expect(told(page)).toContainText("That was a lot at once.");
    await expect(told(page).getByRole("button", { name: /^Try again in \d+ s$/ })).toBeDisabled();
  });

  test("5xx: a broken database is told in words, in three languages, and no page is blank", async ({ page }) => {
    server = await Server.begin();
    await page.goto(`${server.url}/history`);
    await expect(page.getByText("Nothing ran yet.")).toBeVisible();
    for (const part of ["", "-wal", "-shm"])
      await writeFile(join(server.home, `halles.db${part}`), "no database ".repeat(2000));
    for (const [language, words] of [
      ["en", /Something failed in the server|A part that is needed does not answer/],
      ["fr", /Une erreur s’est produite sur le serveur|Un élément nécessaire ne répond pas/],
      ["de", /Im Server ist etwas fehlgeschlagen|Ein benötigter Teil antwortet/],
    ] as const) {
      await page.evaluate((name) => localStorage.setItem("halles-locale", name), language);
      await page.goto(`${server.url}/history`);
      await expect(told(page).first()).toContainText(words);
    }
    await page.goto(`${server.url}/history/0123456789abcdef`);
    await expect(told(page).first()).toBeVisible();
  });
});

async function address(page: Page): Promise<string> {
  await page.goto("/history");
  return new URL(page.url()).origin;
}
