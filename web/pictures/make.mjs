// Draws the small picture of each service from what it really made of the demo song:
//   halles serve &   node pictures/make.mjs http://127.0.0.1:8000
// Afterwards `src/halles_services/*/picture.webp` are made anew, and the covers that the first page shows as examples.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { chromium } from "@playwright/test";
import { drawings } from "./drawings.mjs";

const server = process.argv[2] ?? "http://127.0.0.1:8000";
const services = join(import.meta.dirname, "../../src/halles_services");
const examples = join(import.meta.dirname, "../src/cover/examples");
const font = (path) =>
  readFileSync(join(import.meta.dirname, "../node_modules/@fontsource-variable", path)).toString("base64");
const FONTS = {
  Newsreader: font("newsreader/files/newsreader-latin-opsz-normal.woff2"),
  Inter: font("inter/files/inter-latin-wght-normal.woff2"),
};
const WIDTH = 960;
const HEIGHT = 480;
const EXAMPLE = 560;

/** What each step of the flagship gave: data as such, other files as data URLs. */
async function outputs() {
  const form = new FormData();
  form.append("song", new Blob([readFileSync(join(services, "demo/song.opus"))]), "song.opus");
  form.append("extract_voice", "true");
  const begun = await fetch(`${server}/pipelines/cover-art/run?wait=300`, { method: "POST", body: form });
  const { run } = await begun.json();
  const { steps } = await (await fetch(`${server}/runs/${run}`)).json();
  const read = async ({ url, media_type: type }) => {
    const answer = await fetch(server + url);
    if (type.startsWith("application/json")) return answer.json();
    return `data:${type};base64,${Buffer.from(await answer.arrayBuffer()).toString("base64")}`;
  };
  const found = {};
  for (const step of steps)
    for (const [port, value] of Object.entries(step.outputs))
      found[`${step.id}.${port}`] = Array.isArray(value) ? await Promise.all(value.map(read)) : await read(value);
  return found;
}

/** The loudness of a sound in so many moments, as a browser decodes it. */
async function loudness(page, source, count) {
  return page.evaluate(
    async ({ source, count }) => {
      const bytes = Uint8Array.from(atob(source.split(",")[1]), (letter) => letter.charCodeAt(0));
      const sound = await new OfflineAudioContext(1, 1, 44100).decodeAudioData(bytes.buffer);
      const samples = sound.getChannelData(0);
      const length = Math.floor(samples.length / count);
      return Array.from({ length: count }, (_, index) => {
        const piece = samples.subarray(index * length, (index + 1) * length);
        return Math.sqrt(piece.reduce((sum, each) => sum + each * each, 0) / length);
      });
    },
    { source, count },
  );
}

/** A drawing as WebP, of which the browser makes the bytes. */
async function picture(page, html) {
  const faces = Object.entries(FONTS).map(
    ([name, data]) =>
      `@font-face{font-family:${name};font-weight:200 800;src:url(data:font/woff2;base64,${data}) format("woff2")}`,
  );
  await page.setContent(`<style>${faces.join("")}*{margin:0;box-sizing:border-box}</style>${html}`);
  await page.evaluate(() => Promise.all([document.fonts.ready, ...[...document.images].map((each) => each.decode())]));
  const png = (await page.screenshot()).toString("base64");
  const webp = await page.evaluate(async (png) => {
    const image = new Image();
    image.src = `data:image/png;base64,${png}`;
    await image.decode();
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [image.width, image.height];
    canvas.getContext("2d").drawImage(image, 0, 0);
    return canvas.toDataURL("image/webp", 0.75).split(",")[1];
  }, png);
  return Buffer.from(webp, "base64");
}

const browser = await chromium.launch({ executablePath: process.env.HALLES_CHROMIUM, args: ["--no-sandbox"] });
const page = await browser.newPage({ viewport: { width: WIDTH, height: HEIGHT } });
await page.goto("about:blank");
const made = await outputs();
const bars = 120;
const [voice, band] = [
  await loudness(page, made["voice.vocals"], bars),
  await loudness(page, made["voice.accompaniment"], bars),
];
for (const [service, html] of Object.entries(drawings(made, { voice, band }))) {
  const bytes = await picture(page, html);
  writeFileSync(join(services, service.replaceAll("-", "_"), "picture.webp"), bytes);
  console.log(`${service}: ${bytes.length} bytes`);
}
await page.setViewportSize({ width: EXAMPLE, height: EXAMPLE });
for (const [index, cover] of made["paint.covers"].entries()) {
  const bytes = await picture(page, `<img src="${cover}" width="${EXAMPLE}" height="${EXAMPLE}">`);
  writeFileSync(join(examples, `${index + 1}.webp`), bytes);
  console.log(`example ${index + 1}: ${bytes.length} bytes`);
}
await browser.close();
