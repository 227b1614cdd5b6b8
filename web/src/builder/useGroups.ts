import { useI18n } from "vue-i18n";
import type { Pipeline, Point } from "./document";
import { freeId, groupNode, groupOf, GROUPS, idIn, NOTES, noteNode, shownPlaces } from "./groups";
import { insertion } from "./insertion";
import { around, homesOf, innerOf, opened } from "./nesting";
import type { Editing } from "./useEditing";

/** Groups of steps, and notes, as they are made and changed. */
export function useGroups({ pipeline, services, selection, select, edit }: Editing) {
  const { t } = useI18n();
  const groups = () => pipeline.value.layout.groups;
  const groupAt = (node = selection.value[0] ?? "") => pipeline.value.layout.groups[idIn(GROUPS, node) ?? ""];

  /** Put what is selected into a group. */
  function group(): void {
    const made = groupOf(pipeline.value, selection.value, t("documents.groupTitle"));
    if (!made) return;
    edit(made.edit);
    select([groupNode(made.id)]);
  }

  /** Take the group away; what is in it stays. */
  function ungroup(node = selection.value[0] ?? ""): void {
    const found = groupAt(node);
    if (!found) return;
    const id = idIn(GROUPS, node)!;
    const inner = innerOf(groups(), id).map(groupNode);
    edit({ type: "set-groups", groups: opened(groups(), id) });
    select([...inner, ...found.steps]);
  }

  /** The group around a node, if it stands in one. */
  function outside(node = selection.value[0] ?? ""): string | undefined {
    const id = idIn(GROUPS, node);
    const [outer] = id === undefined ? homesOf(groups(), node) : around(groups(), id);
    return outer && groupNode(outer);
  }

  /** Go from a node to the group around it. */
  function outwards(): void {
    const outer = outside();
    if (outer) select([outer]);
  }

  /** Close a group that is open, open one that is closed. From a step it closes the group around it. */
  function fold(node = selection.value[0] ?? ""): void {
    const wanted = groupAt(node) ? node : outside(node);
    const found = wanted && groupAt(wanted);
    if (!wanted || !found) return;
    edit({ type: "set-group", id: idIn(GROUPS, wanted)!, group: { ...found, closed: !found.closed } });
    select([wanted]);
  }

  function titled(node: string, title: string): void {
    const found = groupAt(node);
    if (found) edit({ type: "set-group", id: idIn(GROUPS, node)!, group: { ...found, title } }, `title ${node}`);
  }

  function addNote(at?: Point): void {
    const places = [...shownPlaces(pipeline.value, services.value).values()];
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
    const { id, edit: change } = insertion(pipeline.value, services.value, other);
    edit(change);
    select([groupNode(id)]);
  }

  return { group, ungroup, fold, outwards, titled, addNote, setNote, insertPipeline };
}

export type Groups = ReturnType<typeof useGroups>;
