import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { expect, SONG, test, type Page } from "./harness";

/** What these tests read of a run, as the API tells it. */
export interface Told {
  id: string;
  status: string;
  created: number;
  parent: string | null;
  inputs: Record<string, { sha256: string; media_type: string; url: string }>;
  outputs: { cover?: { sha256: string; url: string }[] };
  steps: { id: string; status: string; edited: boolean; cached: boolean; finished: number | null }[];
}

export async function told(page: Page, run: string): Promise<Told> {
  return (await page.request.get(`/runs/${run}`)).json();
}

export const runOf = (page: Page) => new URL(page.url()).pathname.split("/").at(-1)!;

/** Two small covers: what is painted again and again here is to cost little. */
const SMALL = { pipeline: "cover-art", overrides: { direct: { count: 2 }, paint: { size: 512 } } };

/** A run of a song that has ended, begun over HTTP: what it gives is known from the second time on. */
export async function ended(page: Page, song?: Buffer, name = "Harbour light.opus"): Promise<Told> {
  const buffer = song ?? (await readFile(SONG));
  const file = { name, mimeType: name.endsWith("wav") ? "audio/wav" : "audio/ogg", buffer };
  const multipart = { run: JSON.stringify(SMALL), song: file };
  const { id } = (await (await page.request.post("/runs", { multipart })).json()) as Told;
  await expect.poll(async () => (await told(page, id)).status, { timeout: 120_000 }).toBe("finished");
  return told(page, id);
}

/** The page of a song when all of its covers are there, of another run than before if one is named. */
export async function painted(page: Page, before?: string): Promise<Told> {
  if (before) await expect(page).not.toHaveURL(new RegExp(before));
  await expect(page.getByRole("button", { name: "Download everything" })).toBeVisible({ timeout: 120_000 });
  return told(page, runOf(page));
}

/** The steps that a run took from the one before as they were, those that a person edited, and those done anew. */
export function reused(run: Told) {
  const names = (which: (step: Told["steps"][number]) => boolean) => run.steps.filter(which).map((step) => step.id);
  const before = (step: Told["steps"][number]) => step.finished !== null && step.finished < run.created;
  return {
    kept: names((step) => step.status === "finished" && before(step) && !step.edited),
    edited: names((step) => step.edited),
    anew: names((step) => step.status === "finished" && !before(step) && !step.edited),
  };
}

/** A sound of so many seconds: a chord that is plucked again and again, or nothing. */
export function wave(seconds: number, volume = 0.4): Buffer {
  const rate = 22_050;
  const count = Math.round(seconds * rate);
  const file = Buffer.alloc(44 + 2 * count);
  file.write("RIFF");
  file.writeUInt32LE(36 + 2 * count, 4);
  file.write("WAVEfmt ", 8);
  file.writeUInt32LE(16, 16);
  file.writeUInt16LE(1, 20);
  file.writeUInt16LE(1, 22);
  file.writeUInt32LE(rate, 24);
  file.writeUInt32LE(2 * rate, 28);
  file.writeUInt16LE(2, 32);
  file.writeUInt16LE(16, 34);
  file.write("data", 36);
  file.writeUInt32LE(2 * count, 40);
  for (let at = 0; at < count; at++) {
    const time = at / rate;
    const chord = [220, 277.18, 329.63].reduce((sum, hertz) => sum + Math.sin(2 * Math.PI * hertz * time), 0) / 3;
    file.writeInt16LE(Math.round(32_000 * volume * chord * Math.exp(-3 * (time % 0.5))), 44 + 2 * at);
  }
  return file;
}

/** Width and height of a PNG, or of a JPEG. */
export async function sizeOf(path: string): Promise<[number, number]> {
  const file = await readFile(path);
  if (file.subarray(1, 4).toString() === "PNG") return [file.readUInt32BE(16), file.readUInt32BE(20)];
  let at = 2;
  while (at < file.length) {
    const marker = file[at + 1]!;
    if (marker >= 0xc0 && marker <= 0xc2) return [file.readUInt16BE(at + 7), file.readUInt16BE(at + 5)];
    at += 2 + file.readUInt16BE(at + 2);
  }
  throw new Error(`${path} is no picture`);
}

/** Unpack a zip into a folder of the test. */
export async function unpacked(zip: string): Promise<string> {
  const folder = test.info().outputPath("unpacked");
  await promisify(execFile)("python3", ["-m", "zipfile", "-e", zip, folder]);
  return folder;
}
