import { computed, shallowRef } from "vue";
import { blank, type Pipeline } from "./document";
import { apply, type Edit } from "./edits";

/** A document with all its pasts: undo and redo without limit. Documents share what did not change. */
export function useHistory(begin: Pipeline = blank()) {
  const present = shallowRef(begin);
  const past = shallowRef<Pipeline[]>([]);
  const future = shallowRef<Pipeline[]>([]);
  const saved = shallowRef(begin);
  let merging = "";

  /** Make an edit. Edits that follow each other under one `merge` name, as those of a slider do, are undone at once. */
  function edit(change: Edit, merge = ""): void {
    const next = apply(present.value, change);
    if (next === present.value) return;
    if (!merge || merge !== merging) past.value = [...past.value, present.value];
    merging = merge;
    future.value = [];
    present.value = next;
  }

  function undo(): void {
    const before = past.value.at(-1);
    if (!before) return;
    past.value = past.value.slice(0, -1);
    future.value = [...future.value, present.value];
    [present.value, merging] = [before, ""];
  }

  function redo(): void {
    const after = future.value.at(-1);
    if (!after) return;
    future.value = future.value.slice(0, -1);
    past.value = [...past.value, present.value];
    [present.value, merging] = [after, ""];
  }

  /** Begin anew with a document that came from elsewhere. */
  function open(pipeline: Pipeline): void {
    [present.value, saved.value, past.value, future.value, merging] = [pipeline, pipeline, [], [], ""];
  }

  return {
    present: computed(() => present.value),
    changed: computed(() => present.value !== saved.value),
    canUndo: computed(() => past.value.length > 0),
    canRedo: computed(() => future.value.length > 0),
    edit,
    undo,
    redo,
    open,
    save: () => (saved.value = present.value),
  };
}
