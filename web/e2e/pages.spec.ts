import { expect, expectAccessible, test } from "./harness";

const PAGES = ["/", "/market", "/market/services/music-style", "/market/pipelines/cover-art", "/builder"];

for (const theme of ["light", "dark"] as const)
  for (const path of PAGES)
    test(`${path} is accessible in the ${theme} theme`, async ({ page }) => {
      await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
      await page.goto(path);
      await expect(page.getByRole("main")).not.toBeEmpty();
      await page.waitForLoadState("networkidle");
      await expectAccessible(page);
    });
