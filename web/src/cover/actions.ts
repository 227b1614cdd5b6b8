/** What a page asks of the server about a song. */
import { api, asked, Refusal, type Schemas, send, sendForm, stopRun } from "@/client/api";
import type { Run } from "@/client/run";
import { artifacts, type Brief, type Lyrics } from "./song";
import type { Wishes } from "./wishes";

export const PIPELINE = "cover-art";
export type ShareView = Schemas["ShareView"];
type Edit = Schemas["Edit"];

/** Begin a run with a song; gives its id. */
export async function begin(
  song: Blob,
  name: string,
  voice: boolean,
  told: (share: number) => void,
  signal?: AbortSignal,
): Promise<string> {
  const form = new FormData();
  form.append("song", song, name);
  if (voice) form.append("extract_voice", "true");
  const answer = await sendForm(`/pipelines/${PIPELINE}/run`, form, told, signal);
  const run = answer.headers.get("location")?.split("/").at(-1);
  if (!run) throw new Refusal(502, [], "");
  return run;
}

/** The demo song that the server has with it. */
export async function demo(): Promise<Blob> {
  const answer = await send("/examples/song.opus").catch(() => undefined);
  if (!answer?.ok) throw new Refusal(answer?.status ?? 0, [], "");
  return answer.blob();
}

const value = (step: string, port: string, plain: unknown): Edit => ({ step, port, value: plain as never });

const corrections = (lyrics: Lyrics) => [value("recognise", "lyrics", lyrics), value("recognise", "text", lyrics.text)];

async function edited(run: Run, edits: Edit[]): Promise<string> {
  return (await asked(api.POST("/runs/{run}/edit", { params: { path: { run: run.id } }, body: { edits } }))).id;
}

/** The words otherwise: feelings, brief and pictures follow, but for what is wished. */
export const withLyrics = (run: Run, lyrics: Lyrics, wishes?: Wishes) =>
  edited(run, [...corrections(lyrics), ...(wishes ? [value("inputs", "wishes", wishes)] : [])]);

/** The same song with other wishes: the art director decides the rest anew. */
export const withWishes = (run: Run, wishes: Wishes) => edited(run, [value("inputs", "wishes", wishes)]);

/** The brief otherwise: the painting alone runs again. What the run says of the song says the same brief. */
export async function withBrief(run: Run, brief: Brief): Promise<string> {
  const direct = artifacts(run, "direct", "analysis")[0];
  const answer = direct && (await send(direct.url));
  const analysis = answer?.ok ? [value("direct", "analysis", { ...(await answer.json()), brief })] : [];
  return edited(run, [value("direct", "brief", brief), ...analysis]);
}

export const stop = (run: Run) => stopRun(run.id);

export const goOn = async (run: Run): Promise<string> =>
  (await asked(api.POST("/runs/{run}/retry", { params: { path: { run: run.id } }, body: { step: null } }))).id;

export const share = (run: string, body: Schemas["RunShareAsked"]) =>
  asked(api.POST("/runs/{run}/share", { params: { path: { run } }, body }));

export async function sharesOf(run: string): Promise<ShareView[]> {
  const { items } = await asked(api.GET("/shares", { params: { query: { limit: 1000 } } }));
  return items.filter((each) => each.run === run);
}

export const revoke = (share: string) => asked(api.DELETE("/shares/{share}", { params: { path: { share } } }));

/** Delete a song with all that was made of it. Its links lead nowhere from then on. */
export async function remove(runs: readonly string[]): Promise<void> {
  const { items } = await asked(api.GET("/shares", { params: { query: { limit: 1000 } } }));
  for (const each of items) if (each.run && runs.includes(each.run)) await revoke(each.id);
  for (const run of runs) await asked(api.DELETE("/runs/{run}", { params: { path: { run } } }));
}
