import type { Locator } from "@playwright/test";
import { announce } from "./announced";
import { expect, expectAccessible, expectAccessibleInBothThemes, test, type Page } from "./harness";

const TEXT = "A lighthouse above the sea at night";

const canvas = (page: Page) => page.getByRole("application", { name: "The pipeline as a graph" });
const node = (page: Page, name: string) => canvas(page).getByRole("group", { name: new RegExp(`^${name},`) });
const port = (page: Page, step: string, name: string) => node(page, step).getByTitle(new RegExp(`^${name}: `));
const panel = (page: Page) => page.getByRole("complementary", { name: "Details" });
const palette = (page: Page) => page.getByRole("complementary", { name: "Palette" });
const option = (page: Page, name: RegExp | string) => page.getByRole("option", { name });
const ready = (page: Page) => expect(page.getByRole("status").getByText("No problems")).toBeVisible();

async function begin(page: Page, address = "/builder"): Promise<void> {
  await page.goto(address);
  await expect(palette(page).getByRole("button", { name: "Art generator" }).first()).toBeVisible();
}

/** Drag something of the palette to a place on the canvas. */
async function drop(page: Page, name: string, x: number, y: number): Promise<void> {
  const item = palette(page).getByRole("button", { name, exact: true }).first();
  await item.dragTo(canvas(page), { targetPosition: { x, y } });
}

/** Draw from one place to another with the mouse held down. */
async function draw(page: Page, from: { x: number; y: number }, to: { x: number; y: number }): Promise<void> {
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  await page.mouse.move((from.x + to.x) / 2, (from.y + to.y) / 2, { steps: 4 });
  await page.mouse.move(to.x, to.y, { steps: 4 });
  await page.mouse.up();
}
async function middle(page: Page, step: string, name: string): Promise<{ x: number; y: number }> {
  await port(page, step, name).hover();
  const box = (await port(page, step, name).boundingBox())!;
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}
async function connect(page: Page, from: [string, string], to: [string, string]): Promise<void> {
  await draw(page, await middle(page, ...from), await middle(page, ...to));
}

/** The document as the browser keeps it while it is not saved; nothing when there is nothing to keep. */
const draft = (page: Page) =>
  page.evaluate(
    () => (JSON.parse(localStorage.getItem("halles-draft:") ?? "null") as { pipeline?: unknown } | null)?.pipeline,
  );

const small = { service: "art-generator", params: { count: 1, size: 512 } };
const PICTURE = {
  inputs: { text: { media: "text/plain" } },
  steps: [
    { id: "text_analysis", service: "text-analysis", params: {}, inputs: { text: "inputs.text" } },
    { id: "art_generator", ...small, inputs: { prompt: "inputs.text" } },
  ],
  outputs: { analysis: "text_analysis.analysis", covers: "art_generator.covers" },
};

/** A pipeline of one's own on the server, opened. */
async function opened(page: Page, id: string, document: object = PICTURE): Promise<void> {
  const answer = await page.request.post("/pipelines?draft=true", { data: { id, ...document } });
  expect(answer.status()).toBe(201);
  await begin(page, `/builder/${id}`);
}

/** Fill in what the pipeline takes, and start. */
async function run(page: Page): Promise<void> {
  await page.getByRole("toolbar").getByRole("button", { name: "Run", exact: true }).click();
  await panel(page).getByRole("textbox", { name: "text" }).fill(TEXT);
  await panel(page).getByRole("button", { name: "Run", exact: true }).click();
}

/** Press Tab until something has the focus. */
async function tabTo(wanted: Locator): Promise<void> {
  while (!(await wanted.evaluate((each) => each === document.activeElement))) await wanted.page().keyboard.press("Tab");
}

/** Choose the first of what fits by words and Enter, as soon as it is known what fits. */
async function choose(page: Page, words: string): Promise<void> {
  await expect(page.getByRole("dialog").getByRole("option").first()).toBeVisible();
  await page.keyboard.type(words);
  await page.keyboard.press("Enter");
}

test.describe("a pipeline is built from nothing and run", () => {
  test.describe.configure({ timeout: 150_000 }); // A picture is painted at the end.

  test("by mouse", async ({ page }) => {
    await begin(page);
    await drop(page, "Text", 140, 160);
    await drop(page, "Text analysis", 500, 90);
    await connect(page, ["text", "text"], ["text_analysis", "text"]);
    await expect(node(page, "text_analysis")).toBeVisible();

    // A connection that is let go where nothing is asks what should take it.
    const from = await middle(page, "text", "text");
    await draw(page, from, { x: from.x + 120, y: from.y + 220 });
    await option(page, /^Art generator/).click();
    await expect(node(page, "art_generator")).toBeVisible();

    await panel(page).getByLabel("size", { exact: true }).fill("512");
    await panel(page).getByLabel("size", { exact: true }).blur();
    await panel(page).getByLabel("Count").fill("1");
    await panel(page).getByRole("checkbox", { name: "Given out by the pipeline: covers" }).check();
    await node(page, "text_analysis").click();
    await panel(page).getByRole("checkbox", { name: "Given out by the pipeline: analysis" }).check();
    await ready(page);

    await run(page);
    await expect(node(page, "art_generator")).toHaveAccessibleName(/finished/, { timeout: 90_000 });
    await expect(panel(page).getByRole("img", { name: "covers" })).toBeVisible();
  });

  test("by keyboard", async ({ page }) => {
    await begin(page);
    await page.keyboard.press("Tab");
    await canvas(page).focus();
    await page.keyboard.press("a");
    await choose(page, "input text");
    await expect(node(page, "text")).toBeFocused();

    await page.keyboard.press("c");
    await choose(page, "text analysis");
    await expect(node(page, "text_analysis")).toBeFocused();
    await page.keyboard.press("o");
    await page.keyboard.press("ArrowLeft");
    await expect(node(page, "text")).toBeFocused();

    await page.keyboard.press("c");
    await choose(page, "art generator");
    await expect(node(page, "art_generator")).toBeFocused();
    await page.keyboard.press("o");
    await page.keyboard.press("Enter");
    await expect(panel(page).getByRole("textbox", { name: "Name" })).toBeFocused();
    await tabTo(panel(page).getByLabel("Count"));
    await page.keyboard.type("1");
    await tabTo(panel(page).getByLabel("size", { exact: true }));
    await page.keyboard.type("512");
    await page.keyboard.press("Tab");
    await page.keyboard.press("Escape");
    await expect(node(page, "art_generator")).toBeFocused();
    await ready(page);

    await page.keyboard.press("r");
    await expect(panel(page).getByRole("textbox", { name: "text" })).toBeFocused();
    await page.keyboard.type(TEXT);
    await tabTo(panel(page).getByRole("button", { name: "Run", exact: true }));
    await page.keyboard.press("Enter");
    await expect(node(page, "art_generator")).toHaveAccessibleName(/finished/, { timeout: 90_000 });
    await expect(panel(page).getByRole("img", { name: "covers" })).toBeVisible();
  });

  test("by the list", async ({ page }) => {
    await begin(page);
    await page.getByRole("button", { name: "List" }).click();
    const list = page.getByRole("list", { name: "Inputs, steps and outputs" });
    const main = page.getByRole("main");
    await main.getByRole("button", { name: "Add", exact: true }).last().click();
    await option(page, "An input: Text text/plain").click();
    await list.getByRole("button", { name: "Connect", exact: true }).click();
    await option(page, /^Art generator/).click();
    await list.getByLabel("Count").fill("1");
    await list.getByLabel("size", { exact: true }).fill("512");
    await list.getByLabel("size", { exact: true }).blur();
    await list.getByRole("checkbox", { name: "Given out by the pipeline: covers" }).check();
    await ready(page);
    await run(page);
    await expect(list.getByRole("button", { name: /art_generator.*finished/ })).toBeVisible({ timeout: 90_000 });
    await expect(panel(page).getByRole("img", { name: "covers" })).toBeVisible();
  });
});

test("a connection that cannot work is refused with the reason, and an offer that mends it", async ({ page }) => {
  await begin(page);
  await drop(page, "Sound", 140, 160);
  await drop(page, "Text analysis", 540, 160);
  await connect(page, ["audio", "audio"], ["text_analysis", "text"]);
  const refusal = page.getByRole("alert");
  await expect(refusal).toContainText("inputs.audio cannot go to text_analysis.text.");
  await expect(refusal).toContainText("inputs.audio gives sound, text takes text.");
  await refusal.getByRole("button", { name: "Put “Speech recognition” between" }).click();
  await expect(node(page, "speech_recognition")).toBeVisible();
  await expect(refusal).toBeHidden();
  await expect
    .poll(async () => ((await draft(page)) as { steps: unknown[] }).steps)
    .toMatchObject([
      { id: "text_analysis", inputs: { text: "speech_recognition.text" } },
      { id: "speech_recognition", inputs: { song: "inputs.audio" } },
    ]);
});

test("a service that is dropped on a connection goes between its ends", async ({ page }) => {
  await opened(page, "cut-in", {
    inputs: { song: { media: "audio/*" } },
    steps: [{ id: "listen", service: "speech-recognition", inputs: { song: "inputs.song" } }],
    outputs: { words: "listen.text" },
  });
  const ends = [await middle(page, "song", "song"), await middle(page, "listen", "song")] as const;
  const box = (await canvas(page).boundingBox())!;
  const targetPosition = { x: (ends[0].x + ends[1].x) / 2 - box.x, y: (ends[0].y + ends[1].y) / 2 - box.y };
  await palette(page).getByRole("button", { name: "Voice extraction" }).dragTo(canvas(page), { targetPosition });
  const line = (name: string | RegExp) => canvas(page).getByRole("img", { name });
  await expect(line("inputs.song → voice_extraction.song")).toBeAttached();
  await expect(line(/^voice_extraction\.(vocals|accompaniment) → listen\.song$/)).toBeAttached();
  await expect(line("inputs.song → listen.song")).not.toBeAttached();
});

test("everything is undone, back to nothing, and done again", async ({ page }) => {
  await begin(page);
  await drop(page, "Text", 140, 160);
  await drop(page, "Text analysis", 500, 90);
  await connect(page, ["text", "text"], ["text_analysis", "text"]);
  await panel(page).getByRole("textbox", { name: "Name" }).fill("feel");
  await panel(page).getByRole("textbox", { name: "Name" }).blur();
  await expect(node(page, "feel")).toBeVisible();
  await panel(page).getByLabel("topics", { exact: true }).last().fill("5");
  await panel(page).getByLabel("topics", { exact: true }).last().blur();
  await panel(page).getByRole("checkbox", { name: "Given out by the pipeline: analysis" }).check();
  const box = (await node(page, "feel").boundingBox())!;
  await draw(page, { x: box.x + 60, y: box.y + 15 }, { x: box.x + 90, y: box.y + 200 });
  await expect.poll(async () => (await node(page, "feel").boundingBox())!.y).toBeGreaterThan(box.y + 100);
  await page.keyboard.press("Control+d");
  await expect(node(page, "feel_2")).toBeVisible();
  await page.keyboard.press("Delete");
  await expect(node(page, "feel_2")).toBeHidden();

  // The draft is written once the hands rest.
  const written = () => draft(page).then((found) => JSON.stringify(found));
  await page.getByRole("button", { name: "Tidy" }).click();
  await expect.poll(written).toContain('"inputs.text":{"x":12,');
  const whole = await draft(page);
  const undo = page.getByRole("button", { name: "Undo" });
  let undone = 0;
  for (; await undo.isEnabled(); undone++) await undo.click();
  expect(undone).toBeGreaterThanOrEqual(10);
  await expect(canvas(page).getByRole("group", { name: /,/ })).toHaveCount(0);
  await expect.poll(() => draft(page)).toBeUndefined();

  const redo = page.getByRole("button", { name: "Redo" });
  while (await redo.isEnabled()) await redo.click();
  await expect.poll(() => draft(page)).toEqual(whole);
});

test("steps are copied to another tab, and a pipeline's YAML to the canvas", async ({ page, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await opened(page, "copied-from");
  await node(page, "text_analysis").click();
  await page.keyboard.press("Control+a");
  await page.keyboard.press("Control+c");
  const other = await context.newPage();
  await begin(other);
  await canvas(other).focus();
  await other.keyboard.press("Control+v");
  await expect(node(other, "art_generator")).toBeVisible();
  await expect(node(other, "text")).toBeVisible();
  await expect(canvas(other).getByRole("img", { name: "inputs.text → text_analysis.text" })).toBeAttached();

  const yaml = await (await page.request.get("/pipelines/copied-from/export?format=yaml")).text();
  await other.evaluate((text) => navigator.clipboard.writeText(text), yaml);
  await canvas(other).focus();
  await other.keyboard.press("Control+v");
  await expect(node(other, "text_analysis_2")).toBeVisible();
});

test("a problem is shown at its port, found from the list of problems, and mended", async ({ page }) => {
  const [analysis, paint] = PICTURE.steps;
  await opened(page, "not-whole", { ...PICTURE, steps: [{ ...analysis, inputs: {} }, paint] });
  await expect(node(page, "text_analysis")).toHaveAccessibleName(/1 problem/);
  await page.getByRole("toolbar").getByRole("button", { name: "1 problem" }).click();
  await page.getByRole("button", { name: /text_analysis.text text needs something to read/ }).click();
  await expect(node(page, "text_analysis")).toBeFocused();
  await expect(panel(page).getByText("text needs something to read (text).")).toBeVisible();
  await panel(page).getByRole("button", { name: "Choose what text reads" }).click();
  await option(page, "inputs.text").click();
  await ready(page);
  await expect(node(page, "text_analysis")).not.toHaveAccessibleName(/problem/);
});

test("run from a step takes what is before it from the run before; each connection shows its value", async ({
  page,
}) => {
  await opened(page, "run-again", {
    ...PICTURE,
    steps: [
      PICTURE.steps[0],
      { id: "again", service: "text-analysis", params: { topics: 2 }, inputs: { text: "inputs.text" } },
    ],
    outputs: { analysis: "text_analysis.analysis", second: "again.analysis" },
  });
  await run(page);
  await expect(node(page, "again")).toHaveAccessibleName(/finished/, { timeout: 30_000 });
  await node(page, "again").click();
  // What is selected is in sight at the side, though the form and its results stand above it.
  await expect(panel(page).getByRole("textbox", { name: "Name" })).toBeInViewport();
  await panel(page).getByRole("button", { name: "Run from here" }).click();
  await expect(node(page, "again")).toHaveAccessibleName(/finished · [\d.]+/);
  await expect(panel(page).getByRole("link", { name: "Everything about this run" })).toBeVisible();
  // What comes through a connection is shown as what it is.
  const ends = [await middle(page, "text", "text"), await middle(page, "text_analysis", "text")] as const;
  await page.mouse.click((ends[0].x + ends[1].x) / 2, (ends[0].y + ends[1].y) / 2);
  const value = page.getByRole("region", { name: "Value" });
  await expect(value.getByText(TEXT)).toBeVisible();
  await value.getByRole("button", { name: "Close" }).click();

  // The same once more is known.
  await panel(page).getByRole("button", { name: "Run", exact: true }).click();
  await expect(node(page, "text_analysis")).toHaveAccessibleName(/known before/);
  const all = async () =>
    (await (await page.request.get("/runs?pipeline=run-again")).json()).items as {
      id: string;
      parent: string | null;
    }[];
  await expect.poll(async () => (await all()).length).toBe(3);
  const runs = await all();
  expect(runs.map((each) => each.parent)).toEqual([null, runs[2]!.id, null]);
});

test("a run is stopped where it was begun", async ({ page }) => {
  await opened(page, "too-long", {
    ...PICTURE,
    steps: [
      { id: "paint", service: "art-generator", params: { count: 8, size: 2048 }, inputs: { prompt: "inputs.text" } },
    ],
    outputs: { covers: "paint.covers" },
  });
  await run(page);
  await expect(node(page, "paint")).toHaveAccessibleName(/running/, { timeout: 20_000 });
  await page.getByRole("toolbar").getByRole("button", { name: "Stop" }).click();
  await expect(node(page, "paint")).toHaveAccessibleName(/stopped/, { timeout: 30_000 });
});

/** Whoever comes back to a page has its services looked at anew. */
const comeBack = (page: Page) => page.evaluate(() => window.dispatchEvent(new Event("focus")));

test("the palette is searched by words and by types, and follows what comes and goes", async ({ own, page }) => {
  await page.goto(`${own.url}/builder`);
  const items = palette(page).getByRole("button");
  await palette(page).getByLabel("Takes").selectOption("Text");
  await palette(page).getByLabel("Gives").selectOption("Picture");
  await expect(items).toHaveText(["Art generator"]);
  await palette(page).getByLabel("Gives").selectOption("Sound");
  await expect(palette(page).getByRole("status")).toHaveText("Nothing is found.");
  for (const side of ["Takes", "Gives"]) await palette(page).getByLabel(side).selectOption("anything");
  await palette(page).getByRole("searchbox").fill("whistle");
  await expect(items).toHaveCount(0);
  const id = await announce(own);
  await comeBack(page);
  await expect(items).toHaveText(["Whistle"]);

  // One that is taken out while it is used is told at its step, and another one takes its place.
  await items.click();
  await expect(node(page, "whistle")).toBeVisible();
  await palette(page).getByRole("searchbox").fill("");
  await drop(page, "Text", 140, 400);
  await connect(page, ["text", "text"], ["whistle", "words"]);
  await node(page, "whistle").click();
  await panel(page).getByRole("checkbox", { name: "Given out by the pipeline: tune" }).check();
  await ready(page);
  expect((await page.request.delete(`${own.url}/core-engine/services/${id}`)).status()).toBe(204);
  await comeBack(page);
  await expect(node(page, "whistle")).toHaveAccessibleName(/1 problem/);
  await expect(panel(page).getByText("The service “whistle” is not here: it was taken out")).toBeVisible();
  await panel(page).getByRole("button", { name: "Replace …" }).click();
  await option(page, /^Text analysis/).click();
  await ready(page);
  await expect(canvas(page).getByRole("img", { name: "inputs.text → whistle.text" })).toBeAttached();
  await expect(canvas(page).getByRole("img", { name: "whistle.analysis → outputs.tune.tune" })).toBeAttached();
  await page.getByRole("button", { name: "Undo" }).click();
  await panel(page).getByRole("button", { name: "Remove the step" }).click();
  await expect(node(page, "whistle")).toHaveCount(0);
});

test("a step that asks for a version that is not here says which is, and takes it", async ({ page }) => {
  await opened(page, "of-old", {
    ...PICTURE,
    steps: [{ ...PICTURE.steps[0], service: "text-analysis@0.0.1" }, PICTURE.steps[1]],
  });
  await node(page, "text_analysis").click();
  await expect(
    panel(page).getByText(/^The step asks for version 0.0.1 of “Text analysis”; version .* is here\.$/),
  ).toBeVisible();
  await panel(page)
    .getByRole("button", { name: /^Use version/ })
    .click();
  await ready(page);
  await expect(panel(page).getByText("The step asks for")).toHaveCount(0);
});

test("from afar steps are a colour, a sign and a name that can be read", async ({ page }) => {
  await page.setViewportSize({ width: 1280, height: 800 });
  await begin(page, "/builder/cover-art");
  await expect(async () => {
    const [whole, first, last] = await Promise.all(
      [canvas(page), node(page, "song"), node(page, "analysis")].map(async (each) => (await each.boundingBox())!),
    );
    expect(first!.x).toBeGreaterThanOrEqual(whole!.x);
    expect(last!.x + last!.width).toBeLessThanOrEqual(whole!.x + whole!.width);
  }).toPass({ timeout: 15_000 }); // It is brought into sight as soon as it is drawn.
  const size = () =>
    node(page, "recognise")
      .getByText("recognise", { exact: true })
      .evaluate(
        (name: HTMLElement) =>
          (parseFloat(getComputedStyle(name).fontSize) * name.getBoundingClientRect().width) / name.offsetWidth,
      );
  await expect.poll(size).toBeGreaterThan(11);
  await expect(node(page, "recognise").getByText("vocals")).toBeHidden();
  await page.getByTitle("Full size").click();
  await expect(node(page, "recognise").getByText("vocals")).toBeVisible();
});

test("a graph that is larger than its window has a map, which leads to its other end", async ({ page }) => {
  await page.setViewportSize({ width: 1280, height: 800 });
  await begin(page, "/builder/cover-art");
  const map = canvas(page).getByRole("img", { name: "Overview" });
  await expect(node(page, "song")).toBeInViewport();
  await expect(map).toBeHidden(); // All of it is in sight.
  await page.getByTitle("Full size").click();
  const across = async (name: string) => (await node(page, name).boundingBox())!.x;
  const { x, width } = (await canvas(page).boundingBox())!;
  await map.click({ position: { x: 170, y: 60 } });
  await expect.poll(() => across("song")).toBeLessThan(x);
  await expect.poll(() => across("analysis")).toBeLessThan(x + width);
  await map.click({ position: { x: 10, y: 60 } });
  await expect.poll(() => across("song")).toBeGreaterThan(x);
  await expect.poll(() => across("analysis")).toBeGreaterThan(x + width);
});

test("Markdown of a note does nothing but say something", async ({ page }) => {
  const evil = [
    "# Why <script>window.harmed = 'script'</script>",
    "<img src=x onerror=\"window.harmed = 'onerror'\">",
    "[a link](javascript:window.harmed='link') <a href=\"javascript:window.harmed='html'\">another</a>",
    "<svg onload=\"window.harmed = 'svg'\"></svg> <b onclick=\"window.harmed = 'click'\">bold</b>",
    "<iframe srcdoc=\"<script>parent.harmed = 'frame'</script>\"></iframe>",
  ].join("\n\n");
  await opened(page, "evil-note", {
    ...PICTURE,
    layout: { notes: { n1: { x: 0, y: -320, width: 420, height: 260, text: evil } } },
  });
  const note = canvas(page).getByRole("group", { name: /^Note:/ });
  await expect(note.getByText("another")).toBeVisible();
  await expect(note.locator("script, img, iframe, [onerror], [onload], [onclick], a[href^=javascript]")).toHaveCount(0);
  for (const words of ["a link", "another", "bold"]) await note.getByText(words, { exact: true }).click();
  expect(await page.evaluate(() => (window as { harmed?: string }).harmed)).toBeUndefined();
  await expect(page).toHaveURL(/\/builder\/evil-note$/);
});

test.describe("with a finger", () => {
  test.use({ hasTouch: true });

  /** What fingers do, as the browser hears it of a screen. */
  async function fingers(page: Page) {
    const cdp = await page.context().newCDPSession(page);
    const say = (type: "touchStart" | "touchMove" | "touchEnd", touchPoints: { x: number; y: number }[]) =>
      cdp.send("Input.dispatchTouchEvent", { type, touchPoints });
    return {
      down: (...at: { x: number; y: number }[]) => say("touchStart", at),
      move: (...at: { x: number; y: number }[]) => say("touchMove", at),
      up: () => say("touchEnd", []),
    };
  }
  const zoom = async (page: Page) => parseInt(await page.getByTitle("Full size").innerText());

  test("a service is dragged from the palette, and the graph is pinched", async ({ page }) => {
    await begin(page);
    const hand = await fingers(page);
    const from = (await palette(page).getByRole("button", { name: "Text analysis" }).boundingBox())!;
    const [x, y] = [from.x + 40, from.y + 20];
    await hand.down({ x, y });
    for (let step = 1; step <= 8; step++) await hand.move({ x: x + step * 55, y: y + step * 4 });
    await expect(palette(page).getByText("Text analysis", { exact: true })).toHaveCount(2);
    await hand.up();
    await expect(node(page, "text_analysis")).toBeVisible();
    const box = (await node(page, "text_analysis").boundingBox())!;
    expect(Math.abs(box.x + box.width / 2 - (x + 440))).toBeLessThan(60);

    const before = await zoom(page);
    const pane = (await canvas(page).boundingBox())!;
    const [middle, down] = [pane.x + pane.width / 2, pane.y + 120];
    await hand.down({ x: middle - 40, y: down }, { x: middle + 40, y: down });
    for (let step = 1; step <= 6; step++)
      await hand.move({ x: middle - 40 - step * 15, y: down }, { x: middle + 40 + step * 15, y: down });
    await hand.up();
    await expect.poll(() => zoom(page)).toBeGreaterThan(before * 1.3);
  });

  test("two ports are connected by a touch of each", async ({ page }) => {
    await begin(page);
    await palette(page).getByRole("button", { name: "Text", exact: true }).tap();
    await palette(page).getByRole("button", { name: "Text analysis" }).tap();
    await port(page, "text", "text").tap();
    await port(page, "text_analysis", "text").tap();
    await expect(canvas(page).getByRole("img", { name: "inputs.text → text_analysis.text" })).toBeAttached();
  });
});

test("on a phone the list is the builder", async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto("/builder/cover-art");
  const list = page.getByRole("list", { name: "Inputs, steps and outputs" });
  await list.getByRole("button", { name: /^direct/ }).click();
  await list.getByLabel("mood").fill("calm");
  await list.getByLabel("mood").blur();
  await expect(page.getByRole("button", { name: "Undo" })).toBeEnabled();
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
  await expectAccessible(page);
});

test("what was not saved is there again after the page was lost", async ({ page }) => {
  page.on("dialog", (dialog) => void dialog.accept());
  await begin(page);
  await drop(page, "Text", 140, 160);
  await expect.poll(() => draft(page)).toBeDefined();
  await page.reload();
  await expect(node(page, "text")).toBeVisible();
  await expect(page.getByText("Your unsaved draft")).toBeVisible();
  await page.getByRole("link", { name: "Market" }).click();
  const question = page.getByRole("dialog", { name: "Leave without saving?" });
  await question.getByRole("button", { name: "Stay" }).click();
  await expect(node(page, "text")).toBeVisible();
  await page.getByRole("button", { name: "Discard it" }).click();
  await expect(node(page, "text")).toBeHidden();
});

test("nothing of it keeps anybody out in either theme", async ({ page }) => {
  await page.emulateMedia({ reducedMotion: "reduce" });
  await opened(page, "seen");
  await node(page, "art_generator").click();
  await expect(panel(page).getByLabel("count")).toBeVisible();
  await expectAccessibleInBothThemes(page);
  await page.keyboard.press("c");
  await expect(option(page, /Give it out/).first()).toBeVisible();
  await expectAccessibleInBothThemes(page);
  await page.keyboard.press("Escape");
  await node(page, "art_generator").press("?");
  await expect(page.getByRole("dialog", { name: "Keyboard" })).toBeVisible();
  await expectAccessibleInBothThemes(page);
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "List" }).click();
  await page.getByRole("button", { name: /^text_analysis/ }).click();
  await expectAccessibleInBothThemes(page);
});
