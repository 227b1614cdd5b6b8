import { readFile } from "node:fs/promises";
import { expect, expectAccessible, expectAccessibleInBothThemes, test, type Page } from "./harness";

const canvas = (page: Page) => page.getByRole("application", { name: "The pipeline as a graph" });
const node = (page: Page, name: string) => canvas(page).getByRole("group", { name: new RegExp(`^${name}`) });
const panel = (page: Page) => page.getByRole("complementary", { name: "Details" });
const dialog = (page: Page, name: string) => page.getByRole("dialog", { name });
const open = (page: Page, name: string) => panel(page).getByRole("button", { name, exact: true }).click();
const saved = (page: Page) => expect(page.getByText("Saved", { exact: true })).toBeVisible();

/** Something small that runs in no time: the analysis of a text. */
const SMALL = {
  name: "Small",
  inputs: { text: { media: "text/plain" } },
  steps: [{ id: "analyse", service: "text-analysis", params: {}, inputs: { text: "inputs.text" } }],
  outputs: { analysis: "analyse.analysis" },
};
async function opened(page: Page, id: string, document: object = SMALL): Promise<void> {
  expect((await page.request.post("/pipelines", { data: { id, ...document } })).status()).toBe(201);
  await page.goto(`/builder/${id}`);
  await expect(node(page, "analyse")).toBeVisible();
}
const document = async (page: Page, id: string) =>
  (await (await page.request.get(`/pipelines/${id}`)).json()).version.pipeline;

test("one begins from a template, and saves it as one's own", async ({ page }) => {
  await page.goto("/builder");
  for (const name of ["Cover art", "Timed lyrics", "Karaoke", "Prompt to picture"])
    await expect(canvas(page).getByRole("button", { name: new RegExp(`^${name}`) })).toBeVisible();
  await canvas(page)
    .getByRole("button", { name: /^Karaoke/ })
    .click();
  await expect(node(page, "recognise")).toBeVisible();
  await expect(page.getByRole("status").getByText("No problems")).toBeVisible();
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page).toHaveURL(/\/builder\/my-karaoke$/);
  expect((await document(page, "my-karaoke")).steps).toHaveLength(2);
});

test("steps are grouped, closed to one node, opened and taken apart by keys, and all of it is undone", async ({
  page,
}) => {
  await page.goto("/builder");
  await canvas(page)
    .getByRole("button", { name: /^Timed lyrics/ })
    .click();
  await node(page, "recognise").click();
  await node(page, "analyse").click({ modifiers: ["Shift"] });
  await page.keyboard.press("g");
  const group = node(page, "Group: Group");
  await expect(group).toBeVisible();
  await panel(page).getByLabel("Name of the group").fill("Listening");
  await node(page, "Group: Listening").focus();

  await page.keyboard.press("e");
  await expect(node(page, "recognise")).toHaveCount(0);
  const closed = node(page, "Group: Listening, 2 steps");
  await expect(closed.getByText("recognise.song")).toBeVisible();
  await expect(closed.getByText("analyse.analysis")).toBeVisible();
  await expect(closed.getByText("analyse.text")).toHaveCount(0);

  await page.getByRole("button", { name: "List", exact: true }).click();
  await expect(page.getByRole("button", { name: /^Listening/ })).toHaveAttribute("aria-expanded", "true");
  await page.getByRole("button", { name: "Open Listening" }).click();
  await expect(page.getByRole("button", { name: /^recognise.*Speech recognition/ })).toBeVisible();
  await page.getByRole("button", { name: "Graph", exact: true }).click();

  await node(page, "Group: Listening").focus();
  await page.keyboard.press("Shift+G");
  await expect(node(page, "Group")).toHaveCount(0);
  await expect(node(page, "recognise")).toBeVisible();
  const undo = page.getByRole("button", { name: "Undo" });
  await undo.click();
  await expect(node(page, "Group: Listening")).toBeVisible();
  while (await undo.isEnabled()) await undo.click();
  await expect(page.getByRole("heading", { name: "How would you like to begin?" })).toBeVisible();
});

test("a group stands in another one: by keys, in the list, as YAML and after undo", async ({ page }) => {
  await opened(page, "nested", {
    ...SMALL,
    steps: [
      ...SMALL.steps,
      { id: "paint", service: "art-generator", params: { count: 1 }, inputs: { prompt: "inputs.text" } },
    ],
  });
  const title = (name: string) => panel(page).getByLabel("Name of the group").fill(name);
  await node(page, "analyse").click();
  await page.keyboard.press("g");
  await title("Inner");
  await node(page, "Group: Inner").focus();
  await node(page, "paint").click({ modifiers: ["Shift"] });
  await page.keyboard.press("g");
  await title("Outer");
  const [inner, outer] = [node(page, "Group: Inner"), node(page, "Group: Outer")];
  const [within, around] = [(await inner.boundingBox())!, (await outer.boundingBox())!];
  expect(around.x).toBeLessThan(within.x);
  expect(around.y).toBeLessThan(within.y);
  expect(around.x + around.width).toBeGreaterThan(within.x + within.width);

  // Closed from inside, level by level, and opened again.
  await node(page, "analyse").click();
  await page.keyboard.press("e");
  await expect(node(page, "Group: Inner, 1 step")).toBeFocused();
  await expect(node(page, "analyse")).toHaveCount(0);
  await page.keyboard.press("u");
  await expect(outer).toBeFocused();
  await page.keyboard.press("e");
  await expect(node(page, "Group: Outer, 2 steps")).toBeFocused();
  await expect(inner).toHaveCount(0);
  await page.keyboard.press("e");
  await expect(node(page, "Group: Inner, 1 step")).toBeVisible();

  await page.getByRole("button", { name: "List", exact: true }).click();
  const branch = page.getByRole("list", { name: "Outer" });
  await expect(branch.getByRole("button", { name: /^paint/ })).toBeVisible();
  await branch.getByRole("button", { name: "Open Inner" }).click();
  await expect(branch.getByRole("list", { name: "Inner" }).getByRole("button", { name: /^analyse/ })).toBeVisible();
  await page.getByRole("button", { name: "Graph", exact: true }).click();
  const tidy = page.getByRole("button", { name: "Tidy" });
  await tidy.click();
  await expect(tidy).toHaveAttribute("aria-busy", "false");

  await page.getByRole("button", { name: "Save" }).click();
  await saved(page);
  const yaml = await (await page.request.get("/pipelines/nested/export?format=yaml")).text();
  expect(yaml).toContain("within: g2");
  const back = await (
    await page.request.post("/pipelines/import?keep=false", {
      headers: { "content-type": "application/yaml" },
      data: yaml,
    })
  ).json();
  expect(back.pipeline.layout.groups).toMatchObject({ g1: { title: "Inner", within: "g2" }, g2: { title: "Outer" } });

  // Taken apart, the outer one leaves the inner one; undone, both are there again.
  await outer.focus();
  await outer.click({ position: { x: 20, y: 12 } });
  await page.keyboard.press("Shift+G");
  await expect(outer).toHaveCount(0);
  await expect(inner).toBeVisible();
  const undo = page.getByRole("button", { name: "Undo" });
  await undo.click();
  await expect(outer).toBeVisible();
  while (await undo.isEnabled()) await undo.click();
  await expect(node(page, "Group")).toHaveCount(0);
  await expect(node(page, "paint")).toBeVisible();
});

test("a frame takes its steps along, and a note is written, moved and sized", async ({ page }) => {
  await opened(page, "framed");
  await node(page, "analyse").click();
  await page.keyboard.press("g");
  const before = (await node(page, "analyse").boundingBox())!;
  const frame = (await node(page, "Group: Group").boundingBox())!;
  await page.mouse.move(frame.x + 60, frame.y + 14);
  await page.mouse.down();
  await page.mouse.move(frame.x + 110, frame.y + 94, { steps: 6 });
  await page.mouse.up();
  const down = async (name: string, from: number) => Math.round((await node(page, name).boundingBox())!.y - from);
  await expect.poll(() => down("analyse", before.y)).toBeGreaterThan(40);
  await expect.poll(async () => (await down("analyse", before.y)) - (await down("Group: Group", frame.y))).toBe(0);

  await page.keyboard.press("n");
  await panel(page).getByLabel("Text of the note").fill("Because **words** matter");
  const note = node(page, "Note: Because");
  await expect(note.getByText("words")).toHaveCSS("font-weight", /[67]00/);
  await panel(page).getByLabel("Width").fill("400");
  await panel(page).getByLabel("Width").press("Tab");
  await page.getByRole("button", { name: "Save" }).click();
  await saved(page);
  const { layout } = await document(page, "framed");
  expect(layout.notes.n1).toMatchObject({ text: "Because **words** matter", width: 400 });
  expect(layout.groups.g1.steps).toEqual(["analyse"]);
});

test("another pipeline is put in as a group, wired by the names of its inputs", async ({ page }) => {
  await opened(page, "host");
  await open(page, "Insert a pipeline");
  await dialog(page, "Insert a pipeline")
    .getByRole("button", { name: /^Prompt to picture/ })
    .click();
  await expect(node(page, "Group: Prompt → picture")).toBeVisible();
  await page.getByRole("button", { name: "Save" }).click();
  await saved(page);
  const { steps, inputs } = await document(page, "host");
  expect(steps.map((each: { id: string }) => each.id)).toEqual(["analyse", "paint"]);
  expect(Object.keys(inputs)).toEqual(["text", "prompt"]);
});

test("what cannot run yet is saved as a draft that says why, and is not published", async ({ page }) => {
  await opened(page, "unfinished");
  await node(page, "analyse").click();
  await panel(page).getByRole("button", { name: "Disconnect text" }).click();
  await expect(page.getByRole("toolbar").getByRole("button", { name: "1 problem" })).toBeVisible();
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await expect(page.getByText("Saved as a draft. It cannot run yet.")).toBeVisible();
  await expect(page.getByRole("toolbar").getByText("Draft", { exact: true })).toBeVisible();
  await page.reload();
  await expect(page.getByRole("toolbar").getByText("Draft", { exact: true })).toBeVisible();
  await page.getByRole("toolbar").getByRole("button", { name: "Run", exact: true }).click();
  const why = page.getByRole("dialog", { name: "1 problem" });
  await expect(why).toContainText("It runs, and can be published, once this is mended:");
  await why.getByRole("button", { name: /text needs something to read/ }).click();
  await expect(node(page, "analyse")).toBeFocused();

  await page.keyboard.press("Escape");
  await open(page, "Versions");
  const versions = dialog(page, "Versions");
  await expect(versions.getByRole("button", { name: /^Version 2 draft/ })).toBeVisible();
  await expect(versions.getByText("A draft: 1 problem keeps it from running and from being published.")).toBeVisible();
  await versions.getByRole("button", { name: "Close" }).click();
  await open(page, "Publish as an endpoint");
  const sheet = dialog(page, "Publish as an endpoint");
  await expect(sheet.getByRole("option", { name: /^2 .*draft$/ })).toBeDisabled();
  await sheet.getByRole("button", { name: "Publish" }).click();
  await expect(sheet.getByText("Version 1 is what others call:")).toBeVisible();
});

test("what comes with Halles is saved as a copy of one's own", async ({ page }) => {
  await page.goto("/builder/timed-lyrics");
  await expect(node(page, "recognise")).toBeVisible();
  await panel(page).getByLabel("Name", { exact: true }).fill("Mine");
  await panel(page).getByLabel("Name", { exact: true }).press("Tab");
  await page.getByRole("button", { name: "Save a copy" }).click();
  await dialog(page, "Duplicate the pipeline").getByRole("button", { name: "Duplicate" }).click();
  await expect(page).toHaveURL(/\/builder\/timed-lyrics-copy$/);
  await expect(panel(page).getByLabel("Name", { exact: true })).toHaveValue("Mine");
  await page.request.delete("/pipelines/timed-lyrics-copy");
});

test("versions are compared on the graph and as a list, and an old one is brought back", async ({ page }) => {
  await opened(page, "history-of-one");
  const { version } = await (await page.request.get("/pipelines/history-of-one")).json();
  const next = {
    ...version.pipeline,
    steps: [
      { ...version.pipeline.steps[0], inputs: { text: "inputs.text" } },
      { id: "paint", service: "art-generator", params: { count: 1 }, inputs: { prompt: "inputs.text" } },
    ],
    outputs: { analysis: "analyse.analysis", picture: "paint.covers" },
  };
  const put = await page.request.put("/pipelines/history-of-one?message=With+a+picture", { data: next });
  expect(put.status()).toBe(200);
  await page.reload();
  await expect(node(page, "paint")).toBeVisible();

  await open(page, "Versions");
  const versions = dialog(page, "Versions");
  await expect(versions.getByRole("button", { name: /Version 2 With a picture/ })).toHaveAttribute(
    "aria-pressed",
    "true",
  );
  const graph = versions.getByRole("group", { name: "The version as a graph" });
  await expect(graph.getByText("new", { exact: true })).toHaveCount(2);
  const changes = versions.getByRole("list", { name: "Changes" });
  await expect(changes.getByText("Step paint (art-generator) is new.")).toBeVisible();
  await expect(changes.getByText("Output picture is new: paint.covers.")).toBeVisible();
  await expectAccessible(page);

  await versions.getByRole("button", { name: /^Version 1/ }).click();
  await versions.getByLabel("Compare with").selectOption({ label: "Version 2" });
  await expect(changes.getByText("Step paint is gone.")).toBeVisible();
  await expect(graph.getByText("gone", { exact: true })).toHaveCount(2);
  await versions.getByRole("button", { name: "Bring this version back" }).click();
  await expect(node(page, "paint")).toHaveCount(0);
  expect((await document(page, "history-of-one")).steps).toHaveLength(1);
});

test("a document goes out as YAML and comes back the same", async ({ page }) => {
  await opened(page, "traveller");
  await node(page, "analyse").click();
  await page.keyboard.press("g");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Save" }).click();
  await saved(page);
  const before = await document(page, "traveller");

  await open(page, "Export YAML");
  const sheet = dialog(page, "The pipeline as YAML");
  const [file] = await Promise.all([
    page.waitForEvent("download"),
    sheet.getByRole("button", { name: "Download" }).click(),
  ]);
  expect(file.suggestedFilename()).toBe("traveller.yaml");
  const text = await readFile(await file.path(), "utf8");
  await page.request.delete("/pipelines/traveller");

  await page.goto("/builder");
  await canvas(page).getByRole("button", { name: "Import a file" }).click();
  const way = dialog(page, "Import a pipeline");
  await way.getByLabel(/^File/).setInputFiles({ name: "t.yaml", mimeType: "text/yaml", buffer: Buffer.from(text) });
  await expect(way.getByLabel("Text of the pipeline")).toHaveValue(text);
  await way.getByRole("button", { name: "Import", exact: true }).click();
  await expect(node(page, "analyse")).toBeVisible();
  await page.getByRole("button", { name: "Save" }).click();
  await saved(page);
  expect(await document(page, "traveller")).toEqual(before);
});

test("what is wrong with a text is shown at its line", async ({ page }) => {
  await page.goto("/builder");
  await open(page, "Import YAML");
  const sheet = dialog(page, "Import a pipeline");
  const text = sheet.getByLabel("Text of the pipeline");
  await text.fill("id: broken\nsteps:\n  - id: a\n    servce: text-analysis\n");
  await sheet.getByRole("button", { name: "Import" }).click();
  await expect(sheet.getByText("servce: text-analysis")).toBeVisible();
  await expect(sheet.getByText(/There is no field servce\b.*→ service/)).toBeVisible();
  await sheet.getByRole("button", { name: "Line 4" }).click();
  const marked = await text.evaluate((field: HTMLTextAreaElement) =>
    field.value.slice(field.selectionStart, field.selectionEnd),
  );
  expect(marked).toContain("servce");
  await text.fill("id: fine\nsteps:\n  - id: a\n   service: x\n");
  await sheet.getByRole("button", { name: "Import" }).click();
  await expect(sheet.getByText(/not indented like its neighbours/)).toBeVisible();
  await expect(sheet.getByRole("button", { name: /^Line 4, column \d/ })).toBeVisible();
});

test("a pipeline is published, called at its address, and withdrawn", async ({ page }) => {
  await opened(page, "endpoint");
  await open(page, "Publish as an endpoint");
  const sheet = dialog(page, "Publish as an endpoint");
  await sheet.getByRole("button", { name: "Publish" }).click();
  const address = await sheet.getByText(/^POST http/).innerText();
  for (const name of ["curl", "Python", "JavaScript"]) {
    await sheet.getByRole("tab", { name }).click();
    await expect(sheet.getByRole("tabpanel", { name }).getByText("/pipelines/endpoint/run")).toBeVisible();
  }
  await page.setViewportSize({ width: 390, height: 844 });
  await expect.poll(() => sheet.evaluate((each) => each.scrollWidth - each.clientWidth)).toBeLessThanOrEqual(0);
  const answer = await page.request.post(`${address.replace("POST ", "")}?wait=60`, {
    multipart: { text: "I am so happy tonight" },
  });
  expect(answer.status()).toBe(200);
  expect((await answer.json()).outputs.analysis.media_type).toContain("application/json");

  await sheet.getByRole("button", { name: "Unpublish" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Unpublish" }).click();
  await expect(sheet.getByText("It is not published")).toBeVisible();
  expect((await (await page.request.get("/pipelines/endpoint")).json()).published).toBeNull();
});

test("a pipeline is duplicated, and the copy deleted", async ({ page }) => {
  await opened(page, "original");
  await open(page, "Duplicate");
  const form = dialog(page, "Duplicate the pipeline");
  await expect(form.getByLabel("Short name in addresses")).toHaveValue("original-copy");
  await form.getByRole("button", { name: "Duplicate" }).click();
  await expect(page).toHaveURL(/\/builder\/original-copy$/);
  await open(page, "Delete the pipeline");
  await page.getByRole("alertdialog").getByRole("button", { name: "Delete the pipeline" }).click();
  await expect(page).toHaveURL(/\/builder$/);
  expect((await page.request.get("/pipelines/original-copy")).status()).toBe(404);
  expect((await page.request.get("/pipelines/original")).status()).toBe(200);
});

test("the windows of documents are accessible in both themes", async ({ page }) => {
  await page.emulateMedia({ reducedMotion: "reduce" });
  test.setTimeout(150_000); // Eight windows, each looked at as a whole, twice.
  await opened(page, "windows");
  for (const name of [
    "Begin from a template",
    "Insert a pipeline",
    "Import YAML",
    "Export YAML",
    "Duplicate",
    "Versions",
    "Publish as an endpoint",
  ]) {
    await open(page, name);
    await expect(page.getByRole("dialog")).toBeVisible();
    await page.waitForLoadState("networkidle");
    await expectAccessibleInBothThemes(page);
    await page.keyboard.press("Escape");
    await expect(page.getByRole("dialog")).toHaveCount(0);
  }
  await node(page, "analyse").click();
  await page.keyboard.press("g");
  await page.keyboard.press("n");
  await expectAccessibleInBothThemes(page);
});
