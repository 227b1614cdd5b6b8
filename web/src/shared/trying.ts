/** What somebody fills in to try a service or a pipeline, and what of it was wrong. */
import type { Problem } from "@/client/api";
import { familyOf } from "./media";
import { fieldOf, type JsonSchema } from "./schema";

export interface Input {
  name: string;
  media: string[];
  description?: string;
  optional?: boolean;
  many?: boolean;
  json_schema?: Record<string, unknown> | null;
}
/** What stands in the place of an input: files, a text, or a value. */
export interface Entry {
  files: File[];
  text: string;
  value: unknown;
}
export type Way = "file" | "text" | "field" | "form" | "json";

export const nothing = (): Entry => ({ files: [], text: "", value: undefined });

/** How an input is filled in. Data with a shape has a form, data without one is written. */
export function wayOf(input: Input): Way {
  const family = familyOf(input.media);
  if (family === "text") return "text";
  if (family !== "json") return "file";
  const kind = input.json_schema && !input.many ? fieldOf(input.name, input.json_schema as JsonSchema).kind : "json";
  if (kind === "group") return "form";
  return ["json", "list"].includes(kind) ? "json" : "field";
}

/** What is sent for an input: files and texts; nothing where nothing was said. */
export function sent(way: Way, entry: Entry): (File | string)[] {
  if (entry.files.length) return entry.files;
  if (way === "text" || way === "json") return entry.text.trim() ? [entry.text] : [];
  return entry.value === undefined ? [] : [JSON.stringify(entry.value)];
}

/** What is wrong before anything is sent, by input: what must be given and is not, what is no JSON. */
export function missing(inputs: Input[], entries: Record<string, Entry>, ways: Record<string, Way>) {
  const wrong: Record<string, "missing" | "json"> = {};
  for (const input of inputs) {
    const way = ways[input.name] ?? wayOf(input);
    const entry = entries[input.name] ?? nothing();
    if (!sent(way, entry).length) {
      if (!input.optional && way !== "field") wrong[input.name] = "missing";
    } else if (way === "json" && !entry.files.length && !isJson(entry.text)) wrong[input.name] = "json";
  }
  return wrong;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** What the server found wrong: at the fields that it concerns, and apart what concerns none of them. */
export function atFields(problems: Problem[], names: string[], say = (problem: Problem) => problem.message) {
  const wrong: Record<string, string> = {};
  const others: Problem[] = [];
  for (const problem of problems) {
    const name = names.find((each) => each === problem.port);
    if (name) wrong[name] = [wrong[name], say(problem)].filter(Boolean).join(" ");
    else others.push(problem);
  }
  return { wrong, others };
}
