import AxeBuilder from "@axe-core/playwright";
import { expect, test as base, type Page } from "@playwright/test";
import { fill, type Content } from "./content";
import { Server } from "./server";

export { expect, type Page } from "@playwright/test";
export { Server, SONG } from "./server";

interface Each {
  /** A server of this test's own, which it may kill. */
  own: Server;
}

interface Shared {
  /** One server for all tests of a worker. */
  server: Server;
  /** What there is to look at on it: a song with its covers, and more. */
  content: Content;
}

/** Tests whose `page` is on the shared server, and fail when anything but that server was asked for anything. */
export const test = base.extend<Each, Shared>({
  server: [
    async ({}, use) => {
      const server = await Server.begin();
      await use(server);
      await server.end();
    },
    { scope: "worker", timeout: 60_000 },
  ],
  content: [async ({ server }, use) => use(await fill(server.url)), { scope: "worker", timeout: 200_000 }],
  own: async ({}, use) => {
    const server = await Server.begin();
    await use(server);
    await server.end();
  },
  baseURL: async ({ server }, use) => use(server.url),
  context: async ({ context }, use) => {
    const outside: string[] = [];
    context.on("request", (request) => {
      const { protocol, hostname } = new URL(request.url());
      if (protocol.startsWith("http") && hostname !== "127.0.0.1") outside.push(request.url());
    });
    await use(context);
    expect(outside, "requests to other hosts").toEqual([]);
  },
});

/** Assert that axe finds nothing against WCAG 2.2 AA on the page as it stands. */
export async function expectAccessible(page: Page): Promise<void> {
  const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
  // What was found well is not told, and no frame of other hosts is looked for: a third of the time.
  const axe = new AxeBuilder({ page }).options({ resultTypes: ["violations"] }).withTags(tags);
  const { violations } = await axe.setLegacyMode(true).analyze();
  const told = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.target.join(" ")).join(", ")}`);
  expect(told).toEqual([]);
}

/** Assert the same in the light and in the dark theme. */
export async function expectAccessibleInBothThemes(page: Page): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await expect(page.locator("html")).toHaveAttribute("data-theme", colorScheme);
    await expectAccessible(page);
  }
}
