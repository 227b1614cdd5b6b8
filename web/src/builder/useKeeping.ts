import { computed, ref, shallowRef } from "vue";
import { api, asked } from "@/client/api";
import { entryOf, type PipelineEntry } from "@/client/pipelines";
import { may, principal } from "@/client/session";
import { blank, type Pipeline } from "./document";
import { straight } from "./nesting";
import { draftOf, dropDraft, useDraft } from "./useDraft";
import type { Editing } from "./useEditing";
import { shelf } from "./useShelf";

/** Who owns the pipelines that come with Halles. */
const SYSTEM = "system";

/** The document on the server: opened, and kept. What is not kept yet is a draft in the browser. */
export function useKeeping({ open: begin, pipeline, services, edit, changed, select, save: settle }: Editing) {
  const error = shallowRef<unknown>();
  const revision = ref("");
  /** Whether it is known what is edited: before, there is nothing to show. */
  const ready = ref(false);
  const kept = ref(false);
  const owner = ref("");
  /** The services as they were when the version that was opened was made. */
  const recorded = shallowRef<PipelineEntry["version"]["services"]>({});
  /** Somebody else's, or one that comes with Halles: what is changed of it is saved as a copy of one's own. */
  const foreign = computed(
    () => kept.value && owner.value !== principal.value?.id && !(may("operator") && owner.value !== SYSTEM),
  );
  /** What the next version says of itself in the history. */
  const message = ref("");
  /** When the draft was made that was found in the browser; 0 when there was none. */
  const restored = ref(0);
  /** How many documents were opened so far: what shows one begins anew with each. */
  const opened = ref(0);
  const slug = () => (kept.value ? pipeline.value.id : undefined);
  const draft = useDraft(slug, pipeline, changed, revision);

  async function start(wanted?: string): Promise<void> {
    error.value = undefined;
    try {
      services.value = new Map((await shelf()).map((service) => [service.slug, service]));
      if (wanted) await open(wanted);
      else create();
      restore();
    } catch (refusal) {
      error.value = refusal;
    } finally {
      ready.value = true;
    }
  }

  async function open(wanted: string): Promise<void> {
    const entry = await entryOf(wanted);
    [revision.value, kept.value, restored.value] = [String(entry.revision), true, 0];
    [owner.value, recorded.value] = [entry.owner, entry.version.services ?? {}];
    select([]);
    begin(filled(entry.version.pipeline as never));
    opened.value++;
  }

  function create(): void {
    [revision.value, kept.value, restored.value, recorded.value] = ["", false, 0, {}];
    select([]);
    begin(blank());
  }

  /** What was edited and never saved comes back as an edit: undo shows what is on the server. */
  function restore(): void {
    const found = draftOf(slug());
    if (!found) return;
    edit({ type: "replace", pipeline: found.pipeline });
    opened.value++;
    [revision.value, restored.value] = [found.revision, found.at];
  }

  /** Give the draft up, for what is on the server. */
  async function discard(wanted?: string): Promise<void> {
    dropDraft(slug());
    await start(wanted);
  }

  /** Keep the document: a new pipeline, or a new version of the one that was opened. What cannot run yet is kept too. */
  async function save(): Promise<void> {
    const document = pipeline.value as never;
    const path = { slug: pipeline.value.id };
    const query = { message: message.value, draft: true } as never;
    const saved = kept.value
      ? await asked(
          api.PUT("/pipelines/{slug}", {
            params: {
              path,
              query,
              header: { "if-match": `"${revision.value}"` } as never,
            },
            body: document,
          }),
        )
      : await asked(api.POST("/pipelines", { params: { query }, body: document }));
    draft.drop();
    const entry = saved as PipelineEntry;
    [revision.value, owner.value, recorded.value] = [String(entry.revision), entry.owner, entry.version.services ?? {}];
    [kept.value, restored.value, message.value] = [true, 0, ""];
    settle();
  }

  /** Another document in the place of this one; undo brings this one back. */
  function replace(document: Pipeline): void {
    select([]);
    edit({ type: "replace", pipeline: document });
    opened.value++;
  }

  /** The server has a newer revision that says the same. */
  const revised = (now: number) => (revision.value = String(now));

  /** What is on the canvas is settled elsewhere: there is nothing to save. */
  function settled(): void {
    draft.drop();
    settle();
  }

  return {
    error,
    ready,
    kept,
    foreign,
    recorded,
    message,
    revision,
    restored,
    opened,
    start,
    open,
    discard,
    save,
    settled,
    revised,
    replace,
  };
}

/** A document of the server with all that the canvas counts on. */
export function filled(document: Partial<Pipeline> & { id: string }): Pipeline {
  const empty = blank(document.id);
  const groups = Object.entries(document.layout?.groups ?? {});
  const layout = {
    ...empty.layout,
    ...document.layout,
    groups: straight(Object.fromEntries(groups.map(([id, group]) => [id, { ...group, steps: group.steps ?? [] }]))),
  };
  const steps = (document.steps ?? []).map((step) => ({
    ...step,
    params: step.params ?? {},
    inputs: step.inputs ?? {},
  }));
  return { ...empty, ...document, layout, steps };
}
