import { ref, shallowRef } from "vue";
import { api, asked } from "@/client/api";
import { entryOf } from "@/client/pipelines";
import { blank, type Pipeline } from "./document";
import type { Editing } from "./useEditing";

/** The document on the server: opened, and kept. */
export function useKeeping({ open: begin, pipeline, services, save: settle }: Editing) {
  const error = shallowRef<unknown>();
  const revision = ref("");
  const kept = ref(false);

  async function start(slug?: string): Promise<void> {
    error.value = undefined;
    try {
      const found = await asked(api.GET("/services", { params: { query: { limit: 500 } } }));
      services.value = new Map(found.items.map((service) => [service.slug, service]));
      if (slug) await open(slug);
      else create();
    } catch (refusal) {
      error.value = refusal;
    }
  }

  async function open(slug: string): Promise<void> {
    const entry = await entryOf(slug);
    [revision.value, kept.value] = [String(entry.revision), true];
    begin(filled(entry.version.pipeline as never));
  }

  function create(): void {
    [revision.value, kept.value] = ["", false];
    begin(blank());
  }

  /** Keep the document: a new pipeline, or a new version of the one that was opened. */
  async function save(message: string): Promise<void> {
    const document = pipeline.value as never;
    const path = { slug: pipeline.value.id };
    const saved = kept.value
      ? await asked(
          api.PUT("/pipelines/{slug}", {
            params: { path, query: { message } as never, header: { "if-match": `"${revision.value}"` } as never },
            body: document,
          }),
        )
      : await asked(api.POST("/pipelines", { params: { query: { message } as never }, body: document }));
    revision.value = String((saved as { revision?: number }).revision ?? "");
    kept.value = true;
    settle();
  }

  return { error, kept, start, open, save };
}

/** A document of the server with all that the canvas counts on. */
export function filled(document: Partial<Pipeline> & { id: string }): Pipeline {
  const empty = blank(document.id);
  const layout = { ...empty.layout, ...document.layout };
  const steps = (document.steps ?? []).map((step) => ({
    ...step,
    params: step.params ?? {},
    inputs: step.inputs ?? {},
  }));
  return { ...empty, ...document, layout, steps };
}
