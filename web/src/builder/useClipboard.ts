import { api, asked, refusal } from "@/client/api";
import { fragmentOf, pasted, type Fragment } from "./clipboard";
import type { Editing } from "./useEditing";

/** Copies of what is selected, by the system's clipboard: to this pipeline, or another one in another tab. */
export function useClipboard({ pipeline, services, selection, select, edit, remove, attempt }: Editing) {
  /** What was copied last, for browsers that do not let a page read their clipboard. */
  let held = "";

  function copied(): string | undefined {
    const part = fragmentOf(pipeline.value, services.value, selection.value);
    if (part) held = JSON.stringify(part, null, 2);
    return part && held;
  }

  function put(part: Fragment): void {
    const { edit: change, nodes } = pasted(pipeline.value, part);
    if (!nodes.length) return;
    edit(change);
    select(nodes);
  }

  async function paste(text = held): Promise<void> {
    if (!text.trim()) return;
    const part = await attempt(() => read(text));
    if (part) put(part);
  }

  function duplicate(): void {
    const part = fragmentOf(pipeline.value, services.value, selection.value);
    if (part) put(part);
  }

  function cut(): string | undefined {
    const text = copied();
    if (text) remove();
    return text;
  }

  return { copied, cut, paste, duplicate };
}

/** The steps that a text says: what was copied here, or a whole pipeline as YAML or JSON. */
async function read(text: string): Promise<Fragment> {
  const part = parsed(text) as Partial<Fragment> | undefined;
  if (part && Array.isArray(part.steps) && !("id" in part)) {
    return { inputs: part.inputs ?? {}, steps: part.steps, layout: { nodes: {}, ...part.layout } };
  }
  const answer = await asked(
    api.POST("/pipelines/import", {
      params: { query: { keep: false } as never },
      body: text as never,
      bodySerializer: (body: unknown) => body as string,
      headers: { "content-type": part ? "application/json" : "application/yaml" },
    }),
  );
  const whole = (answer as unknown as { pipeline?: Partial<Fragment> }).pipeline;
  if (!whole?.steps) throw refusal(422, {});
  const steps = whole.steps.map((step) => ({ ...step, params: step.params ?? {}, inputs: step.inputs ?? {} }));
  return { inputs: whole.inputs ?? {}, steps, layout: { nodes: {}, ...whole.layout } };
}

function parsed(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
