import { useDebounceFn, useEventListener } from "@vueuse/core";
import { watch, type Ref } from "vue";
import type { Pipeline } from "./document";

export interface Draft {
  pipeline: Pipeline;
  /** The revision on the server that it was made from. */
  revision: string;
  at: number;
}

const keyOf = (slug: string | undefined) => `halles-draft:${slug ?? ""}`;
/** Milliseconds of rest after which what was edited is kept in the browser. */
const REST = 300;

export function draftOf(slug: string | undefined): Draft | undefined {
  try {
    const found = JSON.parse(localStorage.getItem(keyOf(slug)) ?? "null") as Draft | null;
    return found?.pipeline?.steps ? found : undefined;
  } catch {
    return undefined;
  }
}

export const dropDraft = (slug: string | undefined) => localStorage.removeItem(keyOf(slug));

/** Keeps what is not saved yet in the browser, so that neither a crash nor a closed tab loses it. */
export function useDraft(
  slug: () => string | undefined,
  pipeline: Readonly<Ref<Pipeline>>,
  changed: Readonly<Ref<boolean>>,
  revision: Readonly<Ref<string>>,
) {
  function keep(): void {
    if (!changed.value) return dropDraft(slug());
    const draft: Draft = { pipeline: pipeline.value, revision: revision.value, at: Date.now() };
    try {
      localStorage.setItem(keyOf(slug()), JSON.stringify(draft));
    } catch {
      // The browser keeps no more, or nothing at all: the page still asks before it is left.
    }
  }
  watch([pipeline, changed], useDebounceFn(keep, REST));
  useEventListener(window, "pagehide", keep);

  return { drop: () => dropDraft(slug()) };
}
