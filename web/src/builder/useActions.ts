import { useEventListener } from "@vueuse/core";
import { nextTick } from "vue";
import { actionOf, type Action } from "./keys";
import type { Direction } from "./around";
import { INPUTS, OUTPUTS } from "./document";
import { referenceOf } from "./graph";
import type { Builder } from "./useBuilder";

/** What can be done by name: by a key, a button or a menu. `save` is the page's, which knows where it goes then. */
export function useActions(builder: Builder, save: () => void) {
  const { view } = builder;
  const first = () => builder.selection.value[0];
  const isStep = (id: string | undefined) => id !== undefined && !id.includes(".");

  /** Everything that a node gives, as references. */
  const given = (id: string) =>
    id.startsWith(`${INPUTS}.`)
      ? [id]
      : (builder.nodes.value.find((node) => node.id === id)?.data?.outputs ?? []).map((port) =>
          referenceOf(id, port.name),
        );

  function problem(): void {
    const found = builder.problems.value.map((each) => builder.nodeOf(each)).filter((id) => id !== undefined);
    const next = found[(found.indexOf(first() ?? "") + 1) % found.length];
    if (next) void view.goTo(next);
  }

  function mark(): void {
    const id = (document.activeElement as HTMLElement | null)?.dataset.node;
    if (!id) return;
    const others = builder.selection.value.filter((each) => each !== id);
    builder.select(others.length < builder.selection.value.length ? others : [...others, id]);
  }

  /** What is selected has the focus then: its node may be another one. */
  async function after(action: () => void): Promise<void> {
    action();
    await nextTick();
    if (first()) await view.goTo(first()!);
  }

  /** The first field of the panel at the side, or the name in it. */
  async function open(): Promise<void> {
    view.side.value = true;
    await nextTick();
    const field = document.querySelector<HTMLElement>("[data-panel] :is(input, select, textarea, button)");
    field?.focus();
    if (field instanceof HTMLInputElement) field.select();
  }

  function look(): void {
    const [reference] = given(first() ?? "").filter((each) => builder.valueOf(each) !== undefined);
    if (reference) view.looked.value = { from: reference };
  }

  /** What cannot run yet says why. */
  function run(): void {
    if (builder.problems.value.length) view.troubled.value = true;
    else view.ordering.value = !view.ordering.value;
  }

  const actions: Record<Exclude<Action, "go" | "move" | "copy" | "cut" | "paste">, () => unknown> = {
    undo: builder.undo,
    redo: builder.redo,
    duplicate: builder.duplicate,
    remove: () => {
      builder.remove();
      document.querySelector<HTMLElement>("[data-graph]")?.focus();
    },
    group: () => after(builder.group),
    ungroup: () => after(builder.ungroup),
    fold: () => after(builder.fold),
    outwards: () => after(builder.outwards),
    note: async () => {
      await after(builder.addNote);
      await nextTick();
      await open();
    },
    selectAll: () => builder.select(builder.nodes.value.map((node) => node.id)),
    save,
    mark,
    clear: () => {
      builder.select([]);
      builder.refused.value = undefined;
      view.looked.value = undefined;
    },
    open,
    rename: open,
    add: () => (view.choice.value = { kind: "any" }),
    connect: () => {
      const id = first();
      if (id && !id.startsWith(`${OUTPUTS}.`)) view.choice.value = { kind: "from", sources: given(id) };
    },
    feed: () => {
      const id = first();
      if (isStep(id)) view.choice.value = { kind: "to", step: id! };
    },
    give: () => {
      const id = first();
      const [reference] = id && isStep(id) ? given(id) : [];
      if (reference) builder.offer(reference);
    },
    look,
    tidy: async () => {
      await builder.tidy();
      await view.fit();
    },
    fit: view.fit,
    zoomIn: view.zoomIn,
    zoomOut: view.zoomOut,
    actual: view.actual,
    list: () => (view.asList.value = !view.asList.value),
    problem,
    run,
    runFrom: () => {
      const id = first();
      if (isStep(id)) return builder.runFrom(id!);
    },
    stop: builder.cancel,
    help: () => (view.help.value = true),
  };

  const inside = (target: EventTarget | null, selector: string) =>
    target instanceof Element && target.closest(selector) !== null;
  const typing = (event: Event) =>
    inside(event.target, "input, textarea, select, [contenteditable], [role=dialog], [role=listbox], [role=menu]");
  const onNode = (event: Event) => event.target instanceof HTMLElement && event.target.dataset.node !== undefined;
  const onGraph = (event: Event) =>
    onNode(event) ||
    (inside(event.target, "[data-graph]") && !inside(event.target, "button, a, summary, audio, [data-panel]"));

  useEventListener(document, "keydown", (event) => {
    if (event.defaultPrevented || typing(event)) return;
    // What a button of the list does is the button's.
    if (event.target instanceof HTMLButtonElement && ["Enter", " "].includes(event.key)) return;
    const action = actionOf(event, onGraph(event));
    if (!action || action === "copy" || action === "cut" || action === "paste") return;
    event.preventDefault();
    if (action === "go") view.go(event.key as Direction);
    else if (action === "move") view.move(event.key as Direction);
    else void actions[action]();
  });
  for (const [name, take] of [
    ["copy", builder.copied],
    ["cut", builder.cut],
  ] as const) {
    useEventListener(document, name, (event: ClipboardEvent) => {
      if (typing(event) || String(document.getSelection() ?? "")) return;
      const text = take();
      if (!text) return;
      event.clipboardData?.setData("text/plain", text);
      event.preventDefault();
    });
  }
  useEventListener(document, "paste", (event: ClipboardEvent) => {
    if (typing(event)) return;
    event.preventDefault();
    void builder.paste(event.clipboardData?.getData("text/plain"));
  });

  return actions;
}

export type Actions = ReturnType<typeof useActions>;
