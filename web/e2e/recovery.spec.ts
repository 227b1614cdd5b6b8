import { readFile } from "node:fs/promises";
import { expect, SONG, test, type Page, type Server } from "./harness";

interface Seen {
  status: string;
  steps: { id: string; status: string }[];
  outputs: Record<string, { sha256: string } | { sha256: string }[]>;
}
const ask = async (server: Server, run: string) => (await (await fetch(`${server.url}/runs/${run}`)).json()) as Seen;

async function begin(server: Server): Promise<string> {
  const form = new FormData();
  form.append("song", new Blob([await readFile(SONG)], { type: "audio/ogg" }), "harbour.opus");
  const answer = await fetch(`${server.url}/pipelines/cover-art/run`, { method: "POST", body: form });
  return ((await answer.json()) as { run: string }).run;
}
const lost = (page: Page) => page.getByText("Connection lost. Trying again …");

test("a server that is killed and started again while a song is watched: the pages go on by themselves", async ({
  server,
  own,
  page,
  context,
}) => {
  test.setTimeout(240_000);
  const run = await begin(own);
  const watching = await context.newPage();
  await page.goto(`${own.url}/cover/${run}`);
  await watching.goto(`${own.url}/history/${run}?view=log`);
  await expect(watching.getByRole("log")).toContainText("begins.");
  await watching.getByRole("button", { name: "Compare" }).click();

  await own.kill();
  for (const each of [page, watching]) await expect(lost(each)).toBeVisible({ timeout: 20_000 });
  await expect(watching.getByRole("dialog")).toBeVisible(); // What was being done is still there.
  await watching.keyboard.press("Escape");
  await own.start();
  for (const each of [page, watching]) await expect(lost(each)).toBeHidden({ timeout: 30_000 });

  await expect(watching.getByRole("main").getByText("finished", { exact: true }).first()).toBeVisible({
    timeout: 120_000,
  });
  await expect(page.getByRole("button", { name: /^Enlarge/ }).first()).toBeVisible();
  await expect(page.getByRole("heading", { name: "Words" })).toBeVisible();

  // No event was lost, and none is told twice.
  const log = watching.getByRole("log");
  const { steps, outputs } = await ask(own, run);
  await expect(log.getByText("Finished.", { exact: true })).toHaveCount(1);
  await expect(log.getByText("Begun.", { exact: true })).toHaveCount(1);
  await expect(log.getByText("Begun again; it had been cut off.")).toHaveCount(1);
  // What was skipped is decided anew when a run is begun again; what was finished is taken over.
  for (const step of steps.filter((each) => each.status === "finished")) {
    const ends = log.getByRole("listitem").filter({ hasText: new RegExp(`${step.id} is (finished|known)`) });
    await expect(ends, step.id).toHaveCount(1);
  }

  // The same comes out as where nothing happened.
  const undisturbed = await begin(server);
  await expect.poll(async () => (await ask(server, undisturbed)).status, { timeout: 120_000 }).toBe("finished");
  const hashes = (values: Seen["outputs"]) =>
    Object.fromEntries(
      Object.entries(values).map(([name, value]) => [name, [value].flat().map((file) => file.sha256)]),
    );
  expect(hashes(outputs)).toEqual(hashes((await ask(server, undisturbed)).outputs));
});

test("a page that is opened while the server is away shows all when it is there", async ({ own, page }) => {
  test.setTimeout(90_000);
  await page.goto(`${own.url}/history`);
  await expect(page.getByText("Nothing ran yet.")).toBeVisible();
  await own.kill();
  await page.getByRole("navigation").getByRole("link", { name: "Market" }).click();
  await expect(lost(page)).toBeVisible({ timeout: 20_000 });
  await own.start();
  await expect(page.getByText("Connected again")).toBeVisible({ timeout: 30_000 }); // It is said for a moment only.
  await expect(page.getByRole("main").getByRole("link", { name: "Art generator" }).first()).toBeVisible();
});
