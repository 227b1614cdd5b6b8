import { expect, expectAccessibleInBothThemes, test, type Page } from "./harness";
import { PLACES } from "./places";

/** Widths of a phone, and the narrowest that has to do (a page enlarged to 400 % on a small desktop). */
const [PHONE, NARROWEST] = [390, 320];

interface Routes {
  __vue_app__: { config: { globalProperties: { $router: { getRoutes(): { name: string }[] } } } };
}

test("every page of the application is looked at here", async ({ page }) => {
  await page.goto("/");
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  const routes = await page.locator("#app").evaluate((root) => {
    const { $router } = (root as unknown as Routes).__vue_app__.config.globalProperties;
    return $router.getRoutes().map(({ name }) => name);
  });
  expect(Object.keys(PLACES).sort()).toEqual(routes.sort());
});

/** What the page says is wrong, in its console; a page that is not there is said so once by its own answer. */
function complaints(page: Page): string[] {
  const found: string[] = [];
  page.on("pageerror", (error) => found.push(error.message));
  page.on("console", (message) => {
    const expected = message.location().url === page.url() && message.text().includes("404");
    if (["error", "warning"].includes(message.type()) && !expected) found.push(message.text());
  });
  return found;
}

async function come(page: Page, path: string): Promise<void> {
  await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
  await page.goto(path);
  await expect(page.getByRole("heading", { level: 1 })).toHaveCount(1);
  await page.waitForLoadState("networkidle");
}

const overflow = (page: Page) =>
  page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
const moving = (page: Page) =>
  page.evaluate(() => document.getAnimations().filter((each) => Number(each.effect?.getTiming().duration) > 1).length);

for (const [name, path] of Object.entries(PLACES))
  test.describe(`The page “${name}”`, () => {
    test("has a title and one heading, is accessible in both themes, and fits a phone", async ({ page, content }) => {
      test.setTimeout(120_000);
      const wrong = complaints(page);
      await come(page, path(content));
      await expect(page).toHaveTitle(/^\S.* · Halles$/);
      await expectAccessibleInBothThemes(page);
      for (const tab of (await page.getByRole("tab").all()).slice(1)) {
        await tab.click();
        await page.waitForLoadState("networkidle");
        await expectAccessibleInBothThemes(page);
      }
      for (const width of [NARROWEST, PHONE]) {
        await page.setViewportSize({ width, height: 844 });
        await expect.poll(() => overflow(page), `wider than ${width} px by`).toBe(0);
      }
      await expectAccessibleInBothThemes(page);
      expect(await moving(page), "movement that was asked not to be").toBe(0);
      expect(wrong).toEqual([]);
    });

    test("is reached by Tab as a whole, and shows where one is", async ({ page, content }) => {
      await come(page, path(content));
      const { reached, unseen } = await tabThrough(page);
      expect(unseen, "without a visible focus").toEqual([]);
      expect(await missed(page, reached), "not reached").toEqual([]);
    });
  });

/** Press Tab until the page is at its end; gives how many things were reached, and those whose focus is not seen. */
async function tabThrough(page: Page): Promise<{ reached: number; unseen: string[] }> {
  const unseen: string[] = [];
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
  for (let reached = 0; reached < 600; reached++) {
    await page.keyboard.press("Tab");
    const found = await page.evaluate((number) => {
      const at = document.activeElement as HTMLElement;
      if (at === document.body || at.dataset.reached) return undefined;
      at.dataset.reached = String(number);
      const drawn = (style: CSSStyleDeclaration) => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
      const around = [at, at.parentElement!, at.parentElement!.parentElement!];
      const seen =
        drawn(getComputedStyle(at, "::after")) || around.some((each) => each && drawn(getComputedStyle(each)));
      return { seen, what: at.outerHTML.slice(0, 160) };
    }, reached);
    if (!found) return { reached, unseen };
    if (!found.seen) unseen.push(found.what);
  }
  throw new Error("Tab never came to the end of the page.");
}

/** What one could use by pointer but has not come to by Tab; in groups with one stop, arrow keys lead on. */
async function missed(page: Page, reached: number): Promise<string[]> {
  expect(reached).toBeGreaterThan(5);
  return page.evaluate(() =>
    [
      ...document.querySelectorAll<HTMLElement>(
        "a[href], button, input:not([type='radio']:not(:checked)), select, textarea, summary, [tabindex='0']:not([role='tablist'])",
      ),
    ]
      .filter((each) => each.checkVisibility({ visibilityProperty: true }) && !each.matches(":disabled"))
      .filter((each) => each.tabIndex >= 0 && !each.dataset.reached && !(each as HTMLInputElement).closest("[inert]"))
      .map((each) => each.outerHTML.slice(0, 160)),
  );
}

test("on a phone the menu opens, leads to a page and closes", async ({ page }) => {
  await page.setViewportSize({ width: PHONE, height: 844 });
  await page.goto("/");
  await expect(page.getByRole("link", { name: "Market" })).toBeHidden();
  await page.getByRole("button", { name: "Open the menu" }).click();
  await page.getByRole("link", { name: "Market" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "The market" })).toBeVisible();
  await expect(page.getByRole("button", { name: "Open the menu" })).toHaveAttribute("aria-expanded", "false");
  await page.getByRole("button", { name: "Open the menu" }).press("Enter");
  await page.keyboard.press("Escape");
  await expect(page.getByRole("button", { name: "Open the menu" })).toBeFocused();
});

test("coming to a page, one is at its content and hears its name", async ({ page }) => {
  await page.goto("/");
  await page.getByRole("link", { name: "Runs" }).click();
  await expect(page).toHaveTitle("Runs · Halles");
  await expect(page.getByRole("main")).toBeFocused();
  await expect(page.locator("[aria-live]", { hasText: "Runs" })).toHaveCount(1);
});

test("the first Tab leads past the navigation", async ({ page }) => {
  await page.goto("/market");
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await page.keyboard.press("Tab");
  await expect(page.getByRole("link", { name: "Skip to the content" })).toBeFocused();
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  await expect(page.getByRole("searchbox")).toBeFocused();
});

test("the theme that was chosen is kept", async ({ page }) => {
  await page.emulateMedia({ colorScheme: "light" });
  await page.goto("/");
  await page.getByRole("button", { name: "Dark theme" }).click();
  await page.goto("/market");
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
});
