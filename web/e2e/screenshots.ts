import { mkdir, readdir, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test, type Page } from "./harness";
import { furnish } from "./content";
import { openHall } from "./hall";
import { PLACES } from "./places";
import { SCENES, type Scene } from "./scenes";

const FOLDER = join(import.meta.dirname, "../../docs/screenshots");
const SIZES = { desktop: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } };
/** How much of a long page is shown: a picture is to be looked at, not to be scrolled. */
const TALLEST = { desktop: 1250, phone: 1400 };
const THEMES = ["light", "dark"] as const;
/** Grainy pictures of pictures are packed more than others. */
const QUALITIES = [78, 60, 45, 30];
const [MOST_EACH, MOST_TOGETHER] = [120_000, 4_000_000];

type Size = keyof typeof SIZES;
const file = (scene: string, size: Size, theme: string) => `${scene}-${size}-${theme}.webp`;

/** It is always the same evening, and other days are as far from it as they are, so that pictures differ only where the pages do. */
function stopClocks(): void {
  const format = Object.getOwnPropertyDescriptor(Intl.DateTimeFormat.prototype, "format")!.get!;
  const evening = new Date(2026, 10, 22, 20, 15);
  const days = (date: Date | number) => Math.round((Number(date) - Date.now()) / 86_400_000);
  Object.defineProperty(Intl.DateTimeFormat.prototype, "format", {
    get(this: Intl.DateTimeFormat) {
      return (date: Date | number) => {
        const shown = new Date(evening);
        shown.setDate(shown.getDate() + days(date));
        return format.call(this)(shown);
      };
    },
  });
}

async function take(page: Page, scene: string, size: Size): Promise<void> {
  const client = await page.context().newCDPSession(page);
  for (const theme of THEMES) {
    await page.emulateMedia({ colorScheme: theme, reducedMotion: "reduce" });
    await expect(page.locator("html")).toHaveAttribute("data-theme", theme);
    await page.evaluate(() => document.fonts.ready);
    let picture = Buffer.alloc(0);
    for (const quality of QUALITIES) {
      const { data } = await client.send("Page.captureScreenshot", { format: "webp", quality });
      picture = Buffer.from(data, "base64");
      if (picture.length <= MOST_EACH) break;
    }
    await writeFile(join(FOLDER, file(scene, size, theme)), picture);
  }
  await client.detach();
}

/** Make the window as tall as the page, within reason, and wait until all that is then seen is there. */
async function unfold(page: Page, size: Size): Promise<void> {
  const tall = await page.evaluate(() => document.documentElement.scrollHeight);
  const height = Math.min(Math.max(tall, SIZES[size].height), TALLEST[size]);
  await page.setViewportSize({ width: SIZES[size].width, height });
  await page.waitForLoadState("networkidle");
  await page.evaluate(() => Promise.all([...document.images].map((each) => each.decode().catch(() => {}))));
}

test.describe.configure({ mode: "serial" });

test("take the pictures", async ({ page, server, content }) => {
  expect(Object.keys(PLACES).filter((name) => !SCENES.some((scene) => scene.name === name))).toEqual([]);
  await rm(FOLDER, { recursive: true, force: true });
  await mkdir(FOLDER, { recursive: true });
  const shown = { ...content, ...(await furnish(server.url)) };
  const closed = (await openHall()).server;
  await page.addInitScript(stopClocks);
  for (const scene of SCENES)
    for (const size of Object.keys(SIZES) as Size[]) {
      await page.setViewportSize(SIZES[size]);
      await page.goto((scene.closed ? closed : server).url + scene.path(shown));
      await expect(page.getByRole("heading", { level: 1 }).first()).toBeVisible();
      await page.waitForLoadState("networkidle");
      await scene.act?.(page);
      await unfold(page, size);
      await take(page, scene.name, size);
    }
  await closed.end();
});

const picture = (scene: Scene, size: Size, theme: string) => `![${scene.told}](${file(scene.name, size, theme)})`;
const row = (scene: Scene) =>
  [
    `## ${scene.told}\n`,
    "| desktop, light | desktop, dark | phone, light | phone, dark |",
    "|---|---|---|---|",
    `| ${(["desktop", "phone"] as const).flatMap((size) => THEMES.map((theme) => picture(scene, size, theme))).join(" | ")} |`,
  ].join("\n");

test("write the gallery", async () => {
  const head =
    "# Pictures of the web application\n\nTaken by `make screenshots`, of a real server with real runs: every page in both themes, at the width of a\ndesktop and of a phone.";
  await writeFile(join(FOLDER, "README.md"), `${[head, ...SCENES.map(row)].join("\n\n")}\n`);
  const sizes = await Promise.all(
    (await readdir(FOLDER))
      .filter((each) => each.endsWith(".webp"))
      .map(async (each) => [each, (await stat(join(FOLDER, each))).size] as const),
  );
  expect(sizes.filter(([, size]) => size > MOST_EACH)).toEqual([]);
  expect(sizes.reduce((sum, [, size]) => sum + size, 0)).toBeLessThan(MOST_TOGETHER);
});
