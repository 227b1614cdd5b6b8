/** Documents that come from files and go to files. */
import { refusal, send, type Problem, type Refusal } from "@/client/api";
import type { Said } from "@/shared/forms";
import type { Pipeline } from "./document";
import { filled } from "./useKeeping";

async function post(path: string, body: string, type: string): Promise<Response> {
  const answer = await send(path, { method: "POST", body, headers: { "content-type": type } });
  if (!answer.ok) throw refusal(answer.status, await answer.json().catch(() => undefined));
  return answer;
}

/** The pipeline that a text says: ours or a core engine's, in YAML or JSON. `lost` says what could not be taken over. */
export async function read(text: string): Promise<{ pipeline: Pipeline; lost: Problem[] }> {
  const type = /^\s*[[{]/.test(text) ? "application/json" : "application/yaml";
  const taken = await (await post("/pipelines/import?keep=false", text, type)).json();
  return { pipeline: filled(taken.pipeline), lost: taken.lost };
}

/** The document as YAML, as it is on the canvas. */
export async function written(pipeline: Pipeline): Promise<string> {
  return (await post("/pipelines/yaml", JSON.stringify(pipeline), "application/json")).text();
}

export interface Place {
  line: number;
  column: number;
  text: string;
  message: string;
  said?: Said | null;
  near: string;
}

/** The lines of a text that a refusal speaks of, with what it says of them. */
export function placesIn(text: string, { problems }: Refusal): Place[] {
  const lines = text.split(/\r?\n/);
  return problems.map(({ message, said, suggestions }) => {
    const [, line, column] = (/\bline (\d+)(?:, column (\d+))?/i.exec(message) ?? []).map(Number);
    // The line stands beside what is said of it.
    const here = said?.form.startsWith("{line}") ? { ...said, values: { ...said.values, line: "" } } : said;
    return {
      line: line ?? 0,
      column: column || 1,
      text: lines[(line ?? 0) - 1] ?? "",
      message: message.replace(/^Line \d+: /, ""),
      said: here,
      near: suggestions?.length ? ` → ${suggestions.join(", ")}` : "",
    };
  });
}

/** What a short name looks like. */
export const SLUG = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/;

/** A slug like `wanted` that is none of those taken. */
export function freeSlug(wanted: string, taken: Iterable<string>): string {
  const known = new Set(taken);
  if (!known.has(wanted)) return wanted;
  for (let number = 2; ; number++) if (!known.has(`${wanted}-${number}`)) return `${wanted}-${number}`;
}

/** Hand a text to the browser as a file. */
export function download(name: string, text: string, type: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
