/** Everything of a song in one file: covers as they are shown, for shops and plain, words, brief, credits, and how all
 * of it was made. It is packed in the browser, because that is where title and artist are set on the covers. */
import { Refusal, refusal, send } from "@/client/api";
import type { File, Run } from "@/client/run";
import { artifacts, type Line, type Lyrics, type Song } from "./song";
import { STORE, typeset, type Sleeve } from "./typeset";

/** What the files and folders are called, in the language of the page. */
export interface Names {
  covers: string;
  shops: string;
  plain: string;
  words: string;
  style: string;
  brief: string;
  credits: string;
  record: string;
}
export interface Packed {
  name: string;
  input: Blob | string | ReadableStream<Uint8Array>;
}

/** A text as the name of a file on any system. */
export function fileName(text: string): string {
  const plain = text
    .replaceAll(/[\\/:*?"<>|\p{Cc}]/gu, " ")
    .replaceAll(/\s+/g, " ")
    .trim();
  return plain.slice(0, 80).replace(/[. ]+$/, "") || "-";
}

const clock = (seconds: number) =>
  `${String(Math.floor(seconds / 60)).padStart(2, "0")}:${(seconds % 60).toFixed(2).padStart(5, "0")}`;

/** Words with their times, as players read them. */
export function timed({ segments }: Lyrics, { title, artist }: Sleeve): string {
  const head = [title && `[ti:${title}]`, artist && `[ar:${artist}]`].filter(Boolean);
  return [...head, ...segments.map((line: Line) => `[${clock(line.start)}]${line.text}`), ""].join("\n");
}

async function content(url: string): Promise<Response> {
  const answer = await send(url).catch(() => undefined);
  if (!answer) throw new Refusal(0, [], "");
  if (!answer.ok) throw refusal(answer.status, await answer.json().catch(() => undefined), answer.headers);
  return answer;
}
const json = (value: unknown) => JSON.stringify(value, undefined, 2);

export interface Whole {
  run: Run;
  song: Song;
  covers: { file: File; caption: string }[];
  sleeve: Sleeve;
  names: Names;
}

/** The files, one after the other. `told` takes how many covers are done. */
export async function* everything(whole: Whole, told: (covers: number) => void): AsyncGenerator<Packed> {
  const { run, song, covers, sleeve, names } = whole;
  const titled = !!(sleeve.title || sleeve.artist);
  for (const [index, { file, caption }] of covers.entries()) {
    const name = fileName(`${index + 1} ${caption}`);
    const plain = await (await content(file.url)).blob();
    const source = URL.createObjectURL(plain);
    try {
      if (titled) yield { name: `${names.covers}/${name}.png`, input: await typeset(source, sleeve, "image/png") };
      const jpeg = await typeset(source, sleeve, "image/jpeg", STORE);
      yield { name: `${names.shops}/${name}.jpg`, input: jpeg };
    } finally {
      URL.revokeObjectURL(source);
    }
    const ending = file.name.split(".").at(-1) ?? "png";
    yield { name: `${titled ? names.plain : names.covers}/${name}.${ending}`, input: plain };
    told(index + 1);
  }
  if (song.lyrics?.segments.length) {
    yield { name: `${names.words}.txt`, input: `${song.lyrics.text}\n` };
    yield { name: `${names.words}.lrc`, input: timed(song.lyrics, sleeve) };
  }
  if (song.style) yield { name: `${names.style}.json`, input: json(song.style) };
  if (song.brief) yield { name: `${names.brief}.json`, input: json(song.brief) };
  const credits = artifacts(run, "paint", "credits")[0];
  if (credits) yield { name: `${names.credits}.txt`, input: await (await content(credits.url)).blob() };
  const record = await content(`/runs/${run.id}/bundle`);
  yield { name: `${names.record}.zip`, input: record.body ?? (await record.blob()) };
}

/** Pack files into a zip, below one folder. */
export async function packed(files: AsyncIterable<Packed>, folder: string): Promise<Blob> {
  const { downloadZip } = await import("client-zip");
  async function* below() {
    const lastModified = new Date();
    for await (const file of files) yield { ...file, name: `${folder}/${file.name}`, lastModified };
  }
  return downloadZip(below()).blob();
}
