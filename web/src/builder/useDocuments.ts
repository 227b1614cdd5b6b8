import { useI18n } from "vue-i18n";
import { useRouter } from "vue-router";
import { api, asked } from "@/client/api";
import { tell } from "@/shared/notices";
import type { Pipeline } from "./document";
import { freeSlug } from "./transfer";
import type { Builder } from "./useBuilder";

/** What is done with whole documents: begun, duplicated, brought back, deleted. */
export function useDocuments(builder: Builder) {
  const router = useRouter();
  const { t } = useI18n();
  const { pipeline, attempt } = builder;
  const path = () => ({ path: { slug: pipeline.value.id } });

  async function taken(): Promise<string[]> {
    return (await asked(api.GET("/pipelines", { params: { query: { limit: 100 } } }))).items.map((each) => each.slug);
  }

  /** Begin a document of one's own that is like another one. It takes the canvas; undo brings back what was there. */
  async function begin(like: Pipeline): Promise<void> {
    const id = builder.kept.value ? pipeline.value.id : freeSlug(`my-${like.id.replace(/^my-/, "")}`, await taken());
    builder.replace({ ...like, id });
  }

  /** Keep a copy under another short name, with what is not saved yet, and go on with that. */
  async function duplicate(id: string): Promise<void> {
    const { kept, changed } = builder;
    if (kept.value && !changed.value)
      await asked(api.POST("/pipelines/{slug}/fork", { params: path(), body: { id } as never }));
    else {
      const body = { ...pipeline.value, id } as never;
      await asked(api.POST("/pipelines", { params: { query: { draft: true } as never }, body }));
    }
    builder.settled();
    await router.push({ name: "builder", params: { slug: id } });
    tell(t("documents.duplicated", { name: id }));
  }

  /** An old version once more: it becomes the newest one. */
  async function restore(version: number): Promise<void> {
    await asked(api.POST("/pipelines/{slug}/rollback", { params: path(), body: { version } }));
    await builder.open(pipeline.value.id);
    tell(t("documents.restored", { version }));
  }

  async function remove(): Promise<void> {
    const name = pipeline.value.id;
    await asked(api.DELETE("/pipelines/{slug}", { params: path() }));
    builder.settled();
    await router.push({ name: "builder" });
    tell(t("documents.deleted", { name }));
  }

  return { attempt, taken, begin, duplicate, restore, remove };
}
