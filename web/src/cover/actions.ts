/** What a page asks of the server about a song. */
import { api, asked, Refusal, refusal, sendForm, type Schemas } from "@/client/api";
import { files, type Run } from "@/client/run";
import type { Brief, Lyrics } from "./song";

export const PIPELINE = "cover-art";

/** Begin a run with a song; gives its id. */
export async function begin(
  song: Blob,
  name: string,
  told: (share: number) => void,
  signal?: AbortSignal,
): Promise<string> {
  const form = new FormData();
  form.append("song", song, name);
  const answer = await sendForm(`/pipelines/${PIPELINE}/run`, form, told, signal);
  const run = answer.headers.get("location")?.split("/").at(-1);
  if (!run) throw new Refusal(502, [], "");
  return run;
}

/** The demo song that the server has with it. */
export async function demo(): Promise<Blob> {
  const answer = await fetch("/examples/song.opus");
  if (!answer.ok) throw new Refusal(answer.status, [], "");
  return answer.blob();
}

async function edited(run: Run, edits: Schemas["Edit"][]): Promise<string> {
  const found = await asked(api.POST("/runs/{run}/edit", { params: { path: { run: run.id } }, body: { edits } }));
  return found.id;
}

export const withLyrics = (run: Run, lyrics: Lyrics) =>
  edited(run, [
    { step: "recognise", port: "lyrics", value: lyrics as never },
    { step: "recognise", port: "text", value: lyrics.text },
  ]);

export const withBrief = (run: Run, brief: Brief) =>
  edited(run, [{ step: "direct", port: "brief", value: brief as never }]);

/** Other ideas for the same song: the art direction alone, with another seed. */
export async function otherIdeas(run: Run, seed: number): Promise<Brief> {
  const body: Record<string, unknown> = { seed };
  for (const [port, step] of [
    ["style", "style"],
    ["analysis", "analyse"],
    ["lyrics", "recognise"],
  ] as const) {
    const file = files(run.steps.find((each) => each.id === step)?.outputs[port])[0];
    if (file) body[port] = { artifact: file.sha256 };
  }
  const answer = await fetch("/services/art-direction/call?wait=60", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const called = await answer.json();
  if (!answer.ok) throw refusal(answer.status, called);
  const link = files(called.outputs?.brief)[0]?.url;
  return (await fetch(link ?? "")).json();
}

export const stop = (run: Run) => asked(api.POST("/runs/{run}/cancel", { params: { path: { run: run.id } } }));

export const retry = async (run: Run): Promise<string> =>
  (await asked(api.POST("/runs/{run}/retry", { params: { path: { run: run.id } }, body: { step: null } }))).id;

export const share = (run: Run) =>
  asked(api.POST("/runs/{run}/share", { params: { path: { run: run.id } }, body: {} as never }));
