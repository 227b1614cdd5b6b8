import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { SONG } from "./server";

/** What a page can be looked at with: the addresses of real things on a real server. */
export interface Content {
  /** A run of the demo song, finished. */
  song: string;
  /** Another run, of the same song's words alone. */
  words: string;
  /** What stands in a link to the song, made for somebody else. */
  token: string;
}

const WAIT_MS = 180_000;
/** What the demo song is called where people see it. */
const TITLE = "Harbour light.opus";

/** Ask a server, as a program would; what it refuses is an error. */
export async function ask<Answer>(url: string, path: string, init?: RequestInit): Promise<Answer> {
  const answer = await fetch(url + path, init);
  if (!answer.ok) throw new Error(`${init?.method ?? "GET"} ${path}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as Answer;
}

/** A request with a body in JSON. */
export const json = (body: object) => ({
  method: "POST",
  body: JSON.stringify(body),
  headers: { "content-type": "application/json" },
});

/** Begin a run with a file as its input, unless this server has begun the very same before; gives its id. */
export async function begin(url: string, run: object, inputs: Record<string, string> = {}): Promise<string> {
  const form = new FormData();
  form.append("run", JSON.stringify(run));
  for (const [name, path] of Object.entries(inputs))
    form.append(name, new Blob([await readFile(path)]), path === SONG ? TITLE : basename(path));
  const headers = { "idempotency-key": JSON.stringify([run, inputs]) };
  return (await ask<{ id: string }>(url, "/runs", { method: "POST", body: form, headers })).id;
}

/** Wait until a run is done; gives how it ended. */
export async function ended(url: string, run: string): Promise<string> {
  const until = Date.now() + WAIT_MS;
  while (Date.now() < until) {
    const { status } = await ask<{ status: string }>(url, `/runs/${run}`);
    if (!["pending", "running"].includes(status)) return status;
    await new Promise((again) => setTimeout(again, 250));
  }
  throw new Error(`The run ${run} has not ended within ${WAIT_MS / 1000} s.`);
}

/** The demo song with its covers: made once a server, whoever asks. */
export async function song(url: string): Promise<string> {
  const run = await begin(url, { pipeline: "cover-art", seed: 7 }, { song: SONG });
  const status = await ended(url, run);
  if (status !== "finished") throw new Error(`The song is ${status}.`);
  return run;
}

/** Fill a server with what its pages show. */
export async function fill(url: string): Promise<Content> {
  const made = await song(url);
  const words = await begin(url, { pipeline: "timed-lyrics", seed: 7 }, { song: SONG });
  await ended(url, words);
  const link = await ask<{ url: string }>(url, `/runs/${made}/share`, json({}));
  return { song: made, words, token: link.url.split("/").at(-1)! };
}

const POSTCARD = `
id: postcard
name: Words → postcard
description: Paints one picture of a few words, and says whose work is in it.
tags: [Image Generation]
inputs:
  prompt: {media: text/plain, description: "what to paint, in a few words"}
steps:
  - {id: paint, service: art-generator, params: {count: 1, size: 512}, inputs: {prompt: inputs.prompt}}
outputs: {picture: paint.covers, credits: paint.credits}
`;
/** What was made besides the content: two runs of one pipeline with one prompt. */
export interface Furnished {
  postcards: [string, string];
}

/** What a server has that was in use for a while: a pipeline of one's own, runs of several kinds, people, keys. */
export async function furnish(url: string): Promise<Furnished> {
  await ask(url, "/pipelines?message=first", {
    method: "POST",
    body: POSTCARD,
    headers: { "content-type": "application/yaml" },
  });
  await ask(url, "/pipelines/postcard/publish", { method: "POST" });
  const postcard = (seed: number) =>
    begin(url, { pipeline: "postcard", seed, inputs: { prompt: "a lighthouse in a storm" } });
  const postcards: [string, string] = [await postcard(7), await postcard(8)];
  const boat = { pipeline: "prompt-to-picture", seed: 11, inputs: { prompt: "a red boat under the stars" } };
  for (const run of [...postcards, await begin(url, boat)]) await ended(url, run);
  const stopped = await begin(url, { pipeline: "karaoke", seed: 8 }, { song: SONG });
  await ask(url, `/runs/${stopped}/cancel`, { method: "POST" });
  for (const name of ["notebook", "release pipeline"]) await ask(url, "/keys", json({ name, days: 90 }));
  for (const [name, role] of [
    ["Ana", "author"],
    ["Bruno", "runner"],
  ])
    await ask(url, "/accounts", json({ name, role }));
  return { postcards };
}
