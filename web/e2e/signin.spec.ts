import { type Page } from "@playwright/test";
import { asOperator, enter, newAccount, newKey, test } from "./hall";
import { expect, expectAccessible, expectAccessibleInBothThemes, Server } from "./harness";
import { Provider } from "./provider";

const keyField = (page: Page) => page.getByLabel("API key", { exact: true });

async function give(page: Page, key: string): Promise<void> {
  await keyField(page).fill(key);
  await page.getByRole("button", { name: "Sign in with this key" }).click();
}

test("whoever comes in with a key is where they wanted to go", async ({ page, hall }) => {
  await page.goto("/market?sort=name");
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  await expect(keyField(page)).toBeFocused();
  await give(page, hall.keys.runner);
  await expect(page.getByRole("heading", { level: 1, name: "Market" })).toBeVisible();
  expect(new URL(page.url()).pathname).toBe("/market");
  await page.getByRole("button", { name: "Account: runner" }).click();
  await expect(page.getByText("may look and run")).toBeVisible();
});

test("a wrong key is said to be wrong, at the field", async ({ page }) => {
  await page.goto("/");
  await give(page, "hal_guessed");
  await expect(page.getByRole("alert")).toContainText("opens nothing here");
  await expect(keyField(page)).toBeFocused();
  await expect(keyField(page)).toHaveAccessibleDescription(/opens nothing here/);
});

test("who has no key is told what to do", async ({ page }) => {
  await page.goto("/");
  await page.getByText("I have no key").click();
  await expect(page.getByText("Ask whoever runs this server")).toBeVisible();
  await expect(page.getByText("halles keys create NAME")).toBeVisible();
});

test("the key is in no cookie, and out of reach of scripts", async ({ page, context, hall }) => {
  await page.goto("/");
  await give(page, hall.keys.viewer);
  await expect(page.getByRole("button", { name: "Account: viewer" })).toBeVisible();
  const [cookie] = await context.cookies();
  expect(cookie).toMatchObject({ httpOnly: true, sameSite: "Lax" });
  expect(cookie!.value).not.toContain(hall.keys.viewer);
  expect(await page.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage }))).not.toContain("hal_");
});

test("signing out leaves nothing open, not even with the way back", async ({ page, hall }) => {
  await enter(page, hall.keys.author);
  await page.goto("/operate");
  await page.getByRole("button", { name: "Account: author" }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  await page.goBack();
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  expect((await page.request.get("/me")).status()).toBe(401);
});

test("when a key is revoked while somebody works, they sign in again and nothing is lost", async ({ page, hall }) => {
  const account = await newAccount(hall, "Ada", "author");
  await enter(page, await newKey(hall, account));
  await page.goto("/operate?tab=keys");
  await page.getByLabel("Name of the key").fill("Notebook");
  const { keys } = await asOperator<{ keys: { id: string }[] }>(hall, "GET", `/accounts/${account}/keys`);
  await asOperator(hall, "DELETE", `/keys/${keys[0]!.id}`);
  await page.getByRole("button", { name: "Make a key" }).click();

  const dialog = page.getByRole("dialog", { name: "Your session has ended" });
  await expect(dialog).toBeVisible();
  await expectAccessible(page);
  await give(page, await newKey(hall, account));
  await expect(dialog).toBeHidden();
  // What was asked for when the session ended is done now.
  await expect(page.getByText("It is not shown again")).toBeVisible();
  await expect(page.getByText("Notebook")).toBeVisible();
});

test("whoever closes the dialog keeps the page, and signs in when they want", async ({ page, hall }) => {
  const account = await newAccount(hall, "Bea", "author");
  await enter(page, await newKey(hall, account));
  await page.goto("/operate?tab=keys");
  await page.getByLabel("Name of the key").fill("Notebook");
  await asOperator(hall, "PATCH", `/accounts/${account}`, { disabled: true });
  await page.getByRole("button", { name: "Make a key" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Close" }).click();
  await expect(page.getByRole("alert").first()).toContainText("Please sign in first");
  await expect(page.getByLabel("Name of the key")).toHaveValue("Notebook");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("dialog", { name: "Your session has ended" })).toBeVisible();
});

test("who signs in as somebody else sees nothing of the one before", async ({ page, hall }) => {
  const account = await newAccount(hall, "Cleo", "author");
  await enter(page, await newKey(hall, account));
  await page.goto("/operate?tab=keys");
  await page.getByLabel("Name of the key").fill("Notebook");
  await asOperator(hall, "PATCH", `/accounts/${account}`, { disabled: true });
  await page.getByRole("button", { name: "Make a key" }).click();
  await give(page, hall.keys.runner);
  await expect(page.getByRole("button", { name: "Account: runner" })).toBeVisible();
  await expect(page.getByLabel("Name of the key")).toHaveValue("");
});

test("the sign-in page is accessible in both themes", async ({ page }) => {
  await page.emulateMedia({ reducedMotion: "reduce" });
  await page.goto("/runs-that-i-cannot-see");
  await page.getByText("I have no key").click();
  await expectAccessibleInBothThemes(page);
});

test.describe("at a provider", () => {
  let provider: Provider;
  let server: Server;
  test.beforeAll(async () => {
    provider = await Provider.begin();
    server = await Server.begin(provider.settings);
  });
  test.afterAll(async () => {
    await server.end();
    await provider.end();
  });

  test("one signs in, and is where one wanted to go; or is told why not", async ({ page }) => {
    await page.goto(`${server.url}/history`);
    await page.getByRole("link", { name: "Sign in with your organisation" }).click();
    await page.getByRole("link", { name: "I am Ada" }).click();
    await expect(page).toHaveURL(`${server.url}/history`);
    await expect(page.getByRole("button", { name: "Account: ada" })).toBeVisible();

    await page.getByRole("button", { name: "Account: ada" }).click();
    await page.getByRole("menuitem", { name: "Sign out" }).click();
    await page.getByRole("link", { name: "Sign in with your organisation" }).click();
    await page.getByRole("link", { name: "I would rather not" }).click();
    await expect(page.getByRole("alert")).toContainText("did not let you in");
    await expectAccessible(page);
    await page.getByRole("link", { name: "Sign in with your organisation" }).click();
    await page.getByRole("link", { name: "I am Ada" }).click();
    await expect(page.getByRole("button", { name: "Account: ada" })).toBeVisible();
  });

  test("when the session ends, one signs in beside the page, which stays", async ({ page, context }) => {
    await page.goto(`${server.url}/operate?tab=keys`);
    await page.getByRole("link", { name: "Sign in with your organisation" }).click();
    await page.getByRole("link", { name: "I am Ada" }).click();
    await page.getByLabel("Name of the key").fill("Notebook");
    await context.clearCookies();
    await page.getByRole("button", { name: "Make a key" }).click();
    const beside = context.waitForEvent("page");
    await page.getByRole("dialog").getByRole("link", { name: "Sign in with your organisation" }).click();
    const other = await beside;
    await other.getByRole("link", { name: "I am Ada" }).click();
    await expect(other.getByText("You have signed in as ada")).toBeVisible();
    await other.close();
    await page.bringToFront();
    await page.evaluate(() => window.dispatchEvent(new Event("focus")));
    await expect(page.getByText("It is not shown again")).toBeVisible();
  });
});
