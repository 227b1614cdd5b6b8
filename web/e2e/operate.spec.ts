import { readFile } from "node:fs/promises";
import { type Page } from "@playwright/test";
import { asOperator, enter, newAccount, newKey, test, type Hall } from "./hall";
import { expect, expectAccessibleInBothThemes } from "./harness";

const TABS = ["health", "usage", "keys", "models", "people", "storage", "audit"];
const names = (page: Page) => page.getByRole("tab").allTextContents();

/** Call a service with a key, as a program does. */
async function call(hall: Hall, key: string, service: string, inputs: object): Promise<Response> {
  const headers = { Authorization: `Bearer ${key}`, "Content-Type": "application/json" };
  return fetch(`${hall.server.url}/services/${service}/call?wait=60`, {
    method: "POST",
    headers,
    body: JSON.stringify(inputs),
  });
}

for (const role of ["viewer", "runner", "author"] as const)
  test(`a ${role} sees what is theirs, and why there is no more`, async ({ page, hall }) => {
    await enter(page, hall.keys[role]);
    await page.goto("/operate?tab=audit");
    await expect(page.getByRole("tab")).toHaveCount(4);
    expect((await names(page)).slice(0, 3)).toEqual(["Health", "Usage", "Keys"]);
    await expect(page.getByText(`Your role here is ${role}`)).toBeVisible();
    await expect(page.getByRole("alert")).toContainText("“Log” is for operators.");
    await expect(page.getByRole("cell", { name: "Text analysis" })).toBeVisible();
    await expect(page.getByRole("heading", { name: "Workers" })).toBeHidden();
  });

test("an operator sees queue, workers and what each service does and did", async ({ page, hall }) => {
  await call(hall, hall.keys.runner, "text-analysis", { text: "The rain falls on the empty street" });
  await enter(page, hall.keys.operator);
  await page.goto("/operate");
  for (const name of ["Health", "Usage", "Keys", "People", "Storage", "Log"])
    await expect(page.getByRole("tab", { name })).toBeVisible();
  await expect(page.getByRole("listitem").filter({ hasText: "Database" })).toContainText("works");
  await expect(
    page
      .getByText("waits for work")
      .or(page.getByRole("link", { name: /^Run / }))
      .first(),
  ).toBeVisible();
  const row = page.getByRole("row").filter({ hasText: "Text analysis" });
  await expect(row).toContainText("one in ten over");
  await expect(row).toContainText("0 failed");
});

test("what fails is shown with its reason, and leads to its run, without loading the page again", async ({
  page,
  hall,
}) => {
  await enter(page, hall.keys.operator);
  await page.goto("/operate");
  const row = page.getByRole("row").filter({ hasText: "Art generator" });
  await expect(row).toContainText("0 failed");
  await call(hall, hall.keys.runner, "art-generator", { prompt: " " });
  await expect(row).toContainText("1 failed");
  await expect(row).toContainText("Give a brief, or a prompt");
  await row.getByRole("link").last().click();
  await expect(page).toHaveURL(/\/history\//);
});

test("a key is made, shown once, used, and revoked", async ({ page, hall }) => {
  const account = await newAccount(hall, "Keeper", "author");
  await enter(page, await newKey(hall, account));
  await page.goto("/operate?tab=keys");
  await page.getByLabel("Name of the key").fill("Notebook");
  await page.getByLabel("What it may do").selectOption({ label: "runner" });
  await page.getByLabel("Valid for").selectOption({ label: "30 days" });
  await page.getByLabel("Only for some pipelines").check();
  await page.getByLabel("Song → timed lyrics").check();
  await page.getByRole("button", { name: "Make a key" }).click();
  const dialog = page.getByRole("dialog", { name: "Your new key" });
  const secret = (await dialog.getByLabel("The key").textContent())!.trim();
  await dialog.getByRole("button", { name: "Copy" }).click();
  await expect(dialog.getByRole("button", { name: "Copied" })).toBeVisible();
  await dialog.getByRole("button", { name: "Close" }).click();
  await expect(page.getByText(secret)).toHaveCount(0);

  const me = async () => fetch(`${hall.server.url}/me`, { headers: { Authorization: `Bearer ${secret}` } });
  expect(((await (await me()).json()) as { principal: { role: string } }).principal.role).toBe("runner");
  const row = page.getByRole("row").filter({ hasText: "Notebook" });
  await expect(row).toContainText("only for timed-lyrics");
  await row.getByRole("button", { name: "Revoke Notebook" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Revoke" }).click();
  await expect(row).toContainText("revoked");
  expect((await me()).status).toBe(401);
});

test("somebody is added, gets a key and another role, and is shut out and let in", async ({ page, hall }) => {
  await enter(page, hall.keys.operator);
  await page.goto("/operate?tab=people");
  await page.getByLabel("Name", { exact: true }).fill("Nina Simone");
  await page.getByRole("button", { name: "Add a person" }).click();
  const dialog = page.getByRole("dialog", { name: "Nina Simone" });
  await dialog.getByLabel("Name of the key").fill("Piano");
  await dialog.getByRole("button", { name: "Make a key" }).click();
  const shown = page.getByRole("dialog", { name: "Your new key" });
  const secret = (await shown.getByLabel("The key").textContent())!.trim();
  await shown.getByRole("button", { name: "Close" }).click();
  const role = async () => {
    const answer = await fetch(`${hall.server.url}/me`, { headers: { Authorization: `Bearer ${secret}` } });
    return answer.ok ? ((await answer.json()) as { principal: { role: string } }).principal.role : answer.status;
  };
  expect(await role()).toBe("runner");
  await dialog.getByRole("button", { name: "Shut out" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Shut out" }).click();
  await expect(dialog.getByRole("button", { name: "Let in again" })).toBeVisible();
  expect(await role()).toBe(401);
  await dialog.getByRole("button", { name: "Let in again" }).click();
  await expect(dialog.getByRole("button", { name: "Shut out" })).toBeVisible();
  await dialog.getByRole("button", { name: "Close" }).click();
  await page.getByLabel("Role of Nina Simone").selectOption({ label: "viewer" });
  await expect(page.getByText("Nina Simone is viewer now")).toBeVisible();
  expect(await role()).toBe("viewer");
});

test("a quota is set, seen by whom it is for, and kept", async ({ page, hall }) => {
  const account = await newAccount(hall, "Thrifty", "runner");
  const key = await newKey(hall, account);
  await enter(page, hall.keys.operator);
  await page.goto("/operate?tab=people");
  await page.getByRole("button", { name: "Quota and keys of Thrifty" }).click();
  const dialog = page.getByRole("dialog", { name: "Thrifty" });
  await dialog.getByLabel("Runs in 24 hours").last().fill("1");
  await dialog.getByRole("button", { name: "Set the quota" }).click();
  await expect(dialog.getByText("of 1", { exact: true })).toBeVisible();

  expect((await call(hall, key, "text-analysis", { text: "one" })).status).toBe(200);
  await enter(page, key);
  await page.goto("/operate?tab=usage");
  await expect(page.getByRole("progressbar", { name: "Runs in 24 hours" })).toHaveJSProperty("value", 1);
  await page.goto("/market/services/text-analysis");
  await page.getByRole("textbox").first().fill("two");
  await page.getByRole("button", { name: "Run" }).click();
  await expect(page.getByRole("alert").first()).toContainText("may have 1 runs in 24 hours");
});

test("use is shown by service, pipeline and account, as bars and in tables", async ({ page, hall }) => {
  await call(hall, hall.keys.runner, "text-analysis", { text: "Nothing but blue skies" });
  await enter(page, hall.keys.operator);
  await page.goto("/operate?tab=usage");
  await expect(page.getByRole("img", { name: /Calls by day/ })).toBeVisible();
  const table = page.getByRole("table", { name: "Use in all" });
  await expect(table.getByRole("row").filter({ hasText: "text-analysis" })).toBeVisible();
  await page.getByRole("combobox", { name: "By", exact: true }).selectOption({ label: "Account" });
  await expect(table.getByRole("row").filter({ hasText: "runner" })).toBeVisible();
  await page.getByLabel("Measure").selectOption({ label: "Computing time" });
  await expect(page.getByRole("img", { name: /Computing time by day/ })).toBeVisible();
  await page.getByText("Day by day, as a table").click();
  await expect(page.getByRole("table", { name: "Day by day" }).getByRole("row")).not.toHaveCount(0);

  await enter(page, hall.keys.viewer);
  await page.goto("/operate?tab=usage");
  await expect(page.getByRole("heading", { name: "What I used" })).toBeVisible();
  await expect(page.getByText("Nothing was used in these days.")).toBeVisible();
});

test("the log tells who did what, is searched, and taken along as a table", async ({ page, hall }) => {
  const account = await newAccount(hall, "Suspect", "viewer");
  const key = await newKey(hall, account);
  await fetch(`${hall.server.url}/accounts`, {
    method: "POST",
    headers: { Authorization: `Bearer ${key}`, "Content-Type": "application/json" },
    body: JSON.stringify({ name: "Friend", role: "operator" }),
  });
  await enter(page, hall.keys.operator);
  await page.goto("/operate?tab=audit");
  const table = page.getByRole("table", { name: "Log" });
  await page.getByLabel("Who").selectOption({ label: "Suspect" });
  await expect(table.getByRole("row")).toHaveCount(2);
  await expect(table.getByRole("row").last()).toContainText("403");
  const waiting = page.waitForEvent("download");
  await page.getByRole("link", { name: "Save as a table" }).click();
  const lines = (await readFile(await (await waiting).path(), "utf8")).trim().split("\r\n");
  expect(lines).toHaveLength(2);
  expect(lines[1]).toContain("Suspect");
  await page.getByLabel("Outcome").selectOption({ label: "done" });
  await expect(page.getByText("Nothing of this kind was done.")).toBeVisible();
  await page.getByLabel("Who").selectOption({ label: "everybody" });
  await page.getByLabel("Words in what was done").fill(account);
  await expect(table.getByRole("row")).toHaveCount(2);
  await expect(table).toContainText("POST /accounts/{account}/keys");
});

test("storage says what is kept and for how long", async ({ page, hall }) => {
  await enter(page, hall.keys.operator);
  await page.goto("/operate?tab=storage");
  await expect(page.getByText("Free on the disk")).toBeVisible();
  await expect(page.getByText("90 days")).toBeVisible();
});

test("every part is accessible in both themes, and fits a phone", async ({ page, hall }) => {
  await page.emulateMedia({ reducedMotion: "reduce" });
  await asOperator(hall, "GET", "/operation");
  await enter(page, hall.keys.operator);
  for (const tab of TABS) {
    await page.goto(`/operate?tab=${tab}`);
    await expect(page.getByRole("tabpanel")).toContainText(/\w/);
    await page.waitForLoadState("networkidle");
    await expectAccessibleInBothThemes(page);
  }
  await page.setViewportSize({ width: 390, height: 800 });
  for (const tab of TABS) {
    await page.goto(`/operate?tab=${tab}`);
    await expect(page.getByRole("tabpanel")).toContainText(/\w/);
    expect(await page.evaluate(() => document.documentElement.scrollWidth), tab).toBe(390);
  }
});
