import { useI18n } from "vue-i18n";
import type { Pipeline, Point } from "./document";
import { freeId, groupNode, groupOf, GROUPS, idIn, NOTES, noteNode, shownPlaces, stepsOf } from "./groups";
import { insertion } from "./insertion";
import type { Editing } from "./useEditing";

/** Groups of steps, and notes, as they are made and changed. */
export function useGroups({ pipeline, selection, select, edit }: Editing) {
  const { t } = useI18n();
  const groupAt = (node = selection.value[0] ?? "") => pipeline.value.layout.groups[idIn(GROUPS, node) ?? ""];

  /** Put what is selected into a group. */
  function group(): void {
    const steps = stepsOf(pipeline.value, selection.value);
    if (!steps.length) return;
    const { id, edit: change } = groupOf(pipeline.value, steps, t("documents.groupTitle"));
    edit(change);
    select([groupNode(id)]);
  }

  /** Take the group away; its steps stay. */
  function ungroup(node = selection.value[0] ?? ""): void {
    const found = groupAt(node);
    if (!found) return;
    edit({ type: "set-group", id: idIn(GROUPS, node)!, group: null });
    select(found.steps);
  }

  /** Close a group that is open, open one that is closed. */
  function fold(node = selection.value[0] ?? ""): void {
    const found = groupAt(node);
    if (!found) return;
    edit({ type: "set-group", id: idIn(GROUPS, node)!, group: { ...found, closed: !found.closed } });
  }

  function titled(node: string, title: string): void {
    const found = groupAt(node);
    if (found) edit({ type: "set-group", id: idIn(GROUPS, node)!, group: { ...found, title } }, `title ${node}`);
  }

  function addNote(at?: Point): void {
    const places = [...shownPlaces(pipeline.value).values()];
    const beside = {
      x: Math.min(0, ...places.map((each) => each.x)),
      y: Math.min(0, ...places.map((each) => each.y)) - 180,
    };
    const id = freeId("n", pipeline.value.layout.notes);
    edit({ type: "set-note", id, note: { ...(at ?? beside), text: "" } });
    select([noteNode(id)]);
  }

  /** Change a note; the letters typed one after the other are undone at once. */
  function setNote(node: string, change: { text?: string; width?: number; height?: number }): void {
    const id = idIn(NOTES, node) ?? "";
    const found = pipeline.value.layout.notes[id];
    if (found)
      edit({ type: "set-note", id, note: { ...found, ...change } }, `note ${id} ${Object.keys(change).join()}`);
  }

  /** Another pipeline's steps, as a group in this one. */
  function insertPipeline(other: Pipeline): void {
    const { id, edit: change } = insertion(pipeline.value, other);
    edit(change);
    select([groupNode(id)]);
  }

  return { group, ungroup, fold, titled, addNote, setNote, insertPipeline };
}

export type Groups = ReturnType<typeof useGroups>;
