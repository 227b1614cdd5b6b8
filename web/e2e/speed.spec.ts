import { gzipSync } from "node:zlib";
import { expect, test, type Page } from "./harness";

/** The pipeline of three hundred steps: sixty songs that each become a cover, side by side. */
const SONGS = 60;
const LARGE = {
  id: "three-hundred",
  name: "Three hundred steps",
  inputs: { song: { media: "audio/*" } },
  outputs: { covers: "paint_1.covers" },
  steps: Array.from({ length: SONGS }, (_, index) => index + 1).flatMap((song) => [
    { id: `recognise_${song}`, service: "speech-recognition", inputs: { song: "inputs.song" } },
    { id: `style_${song}`, service: "music-style", inputs: { song: "inputs.song" } },
    { id: `analyse_${song}`, service: "text-analysis", inputs: { text: `recognise_${song}.text` } },
    {
      id: `direct_${song}`,
      service: "art-direction",
      inputs: { analysis: `analyse_${song}.analysis`, style: `style_${song}.style` },
    },
    { id: `paint_${song}`, service: "art-generator", inputs: { brief: `direct_${song}.brief` } },
  ]),
};

/** Moves of the mouse in a measurement: a second at 125 a second. */
const MOVES = 125;
/** What is measured is the page, and not the recording of it. */
test.use({ trace: "off", screenshot: "off" });
const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
const kB = (bytes: number) => `${(bytes / 1000).toFixed(0)} kB`;

async function openLarge(page: Page): Promise<void> {
  const made = await page.request.post("/pipelines", { data: LARGE });
  expect([201, 409]).toContain(made.status());
  await page.goto(`/builder/${LARGE.id}`);
  await expect(page.getByText("No problems")).toBeVisible();
}

/** Frames a second in the median while the mouse moves: as many moves as a mouse makes, whatever the page does. */
async function framesPerSecond(page: Page, name: string, from: { x: number; y: number }): Promise<number> {
  await page.mouse.move(from.x, from.y);
  await page.mouse.down();
  await page.evaluate(() => {
    const times: number[] = [];
    Object.assign(window, { times });
    const note = (time: number) => {
      times.push(time);
      requestAnimationFrame(note);
    };
    requestAnimationFrame(note);
  });
  const moves: Promise<void>[] = [];
  for (let move = 1; move <= MOVES; move++) {
    const turn = (move / MOVES) * 4 * Math.PI;
    moves.push(page.mouse.move(from.x + 150 * Math.sin(turn), from.y + 110 * (1 - Math.cos(turn))));
    await new Promise((resolve) => setTimeout(resolve, 8));
  }
  await Promise.all(moves);
  const times = await page.evaluate(() => (window as unknown as { times: number[] }).times);
  await page.mouse.up();
  const gaps = times.slice(1).map((time, index) => time - times[index]!);
  const ordered = gaps.sort((a, b) => a - b);
  const median = ordered[Math.floor(ordered.length / 2)]!;
  const slow = ordered[Math.floor(ordered.length * 0.95)]!;
  console.log(`  ${name}: ${(1000 / median).toFixed(0)} frames/s, 95 % of frames within ${slow.toFixed(0)} ms`);
  return 1000 / median;
}

test.describe("the first page", () => {
  test("is at most 200 kB of packed JavaScript, kept by the browser, without the builder", async ({ page }) => {
    const cdp = await page.context().newCDPSession(page);
    await cdp.send("Network.enable");
    const scripts = new Map<string, { url: string; headers: Record<string, string>; bytes: number }>();
    cdp.on("Network.responseReceived", ({ requestId, type, response }) => {
      if (type === "Script") scripts.set(requestId, { url: response.url, headers: response.headers, bytes: 0 });
    });
    cdp.on("Network.dataReceived", ({ requestId, encodedDataLength }) => {
      const script = scripts.get(requestId);
      if (script) script.bytes += encodedDataLength;
    });
    const unpacked: number[] = [];
    page.on("response", async (response) => {
      if (response.request().resourceType() === "script") unpacked.push(gzipSync(await response.body()).length);
    });
    await page.goto("/", { waitUntil: "networkidle" });
    await expect.poll(() => unpacked.length).toBe(scripts.size);

    const [sent, zipped] = [[...scripts.values()].map((each) => each.bytes), unpacked].map(sum);
    console.log(`  ${scripts.size} scripts: ${kB(zipped!)} with gzip, ${kB(sent!)} on the wire`);
    expect(zipped).toBeLessThan(200_000);
    expect(sent).toBeLessThan(200_000);
    for (const { url, headers } of scripts.values()) {
      expect(headers["content-encoding"], url).toMatch(/^(br|gzip)$/);
      expect(headers["cache-control"], url).toContain("immutable");
      expect(url).not.toMatch(/BuilderPage|elk/);
    }
  });

  test("takes a song within a second on a processor four times slower", async ({ page }) => {
    await page.goto("/market", { waitUntil: "networkidle" }); // The server is awake.
    const cdp = await page.context().newCDPSession(page);
    await cdp.send("Emulation.setCPUThrottlingRate", { rate: 4 });
    const seconds: number[] = [];
    for (let visit = 0; visit < 5; visit++) {
      await cdp.send("Network.clearBrowserCache");
      await page.goto("/", { waitUntil: "commit" });
      await page.getByRole("heading", { level: 1 }).waitFor();
      // Interactive: what is there answers, and no longer work stands before the next press.
      seconds.push(
        await page.evaluate(() => new Promise<number>((answer) => setTimeout(() => answer(performance.now() / 1000)))),
      );
    }
    console.log(`  interactive after ${seconds.map((each) => each.toFixed(2)).join(", ")} s at a fourth of the speed`);
    expect(Math.min(...seconds)).toBeLessThan(1);
  });
});

/** The best of a few measurements: other work on the machine makes figures worse, never better. */
async function best(measure: () => Promise<number>, enough: (value: number) => boolean): Promise<number[]> {
  const found: number[] = [];
  while (found.length < 3 && !found.some(enough)) found.push(await measure());
  return found;
}

test.describe("a graph of three hundred steps", () => {
  test("pans and drags at fifty frames a second or more, from afar and from near", async ({ page }) => {
    test.setTimeout(120_000);
    await openLarge(page);
    const graph = page.getByLabel("The pipeline as a graph");
    const canvas = (await graph.boundingBox())!;
    const pane = { x: canvas.x + 24, y: canvas.y + canvas.height / 2 };
    const step = graph.getByText("direct_30", { exact: true });
    const grip = async () => {
      const box = (await step.boundingBox())!;
      return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
    };
    const zoom = async () => parseInt(await page.getByTitle("Full size").innerText());
    const swift = async (name: string, from: () => Promise<{ x: number; y: number }>) => {
      const rates = await best(
        async () => framesPerSecond(page, name, await from()),
        (rate) => rate >= 50,
      );
      expect(Math.max(...rates), name).toBeGreaterThanOrEqual(50);
    };
    await page.getByRole("button", { name: "Show everything" }).click();
    await expect.poll(zoom).toBeLessThan(25);
    await swift("panning, from afar", async () => pane);
    await swift("dragging a step, from afar", grip);

    const { x, y } = await grip();
    await page.mouse.move(x, y);
    for (let turn = 0; turn < 20 && (await zoom()) < 90; turn++) await page.mouse.wheel(0, -200);
    await swift("panning, from near", async () => pane);
    await swift("dragging a step, from near", grip);
  });

  test("shows an edit at once", async ({ page }) => {
    await openLarge(page);
    const step = page.getByLabel("The pipeline as a graph").getByText("direct_30", { exact: true });
    await step.click();
    await page.keyboard.press("Delete");
    await expect(step).toHaveCount(0);
    const undone = () =>
      page.getByRole("button", { name: "Undo" }).evaluate(
        (button) =>
          new Promise<number>((answer) => {
            const begun = performance.now();
            (button as HTMLElement).click();
            requestAnimationFrame(() => setTimeout(() => answer(performance.now() - begun)));
          }),
      );
    const took = await best(
      async () => {
        const time = await undone();
        await expect(step).toBeVisible();
        await page.getByRole("button", { name: "Redo" }).click();
        await expect(step).toHaveCount(0);
        return time;
      },
      (time) => time < 100,
    );
    console.log(`  an edit shows after ${took.map((each) => each.toFixed(0)).join(", ")} ms`);
    // A quiet machine needs 0.1 s; one that does other things too must not fail for it.
    expect(Math.min(...took)).toBeLessThan(200);
  });
});
