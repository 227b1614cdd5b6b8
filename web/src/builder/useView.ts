import { useVueFlow } from "@vue-flow/core";
import { useLocalStorage, useMediaQuery } from "@vueuse/core";
import { ref, watch } from "vue";
import { nextOf, STEPS, type Direction } from "./around";
import { useNarrow } from "@/shared/narrow";
import type { Point } from "./document";
import type { Wish } from "./fitting";
import { groupNode, movesTo, shownPlaces } from "./groups";
import { shutAround } from "./nesting";
import { fromItsBeginning } from "./sight";
import type { Editing } from "./useEditing";

/** What a choice of what fits is for. */
export type Choice =
  | { kind: "any"; at?: Point }
  | { kind: "from"; sources: string[]; at?: Point }
  | { kind: "to"; step: string; port?: string; at?: Point }
  | { kind: "between"; wish: Wish }
  | { kind: "replace"; step: string };

/** What is done with the whole document, in a window over it. */
export type Sheet = "templates" | "insert" | "import" | "export" | "duplicate" | "versions" | "publish";

type Looked = Pick<Wish, "from"> & Partial<Wish>;

const GRID = 20;
/** How long a new node may take to be drawn. */
const FRAMES = 40;
/** The zoom below which the name of a step is too small to read. */
const READABLE = 0.34;
const NEAR = 0.8;
const CALM = "(prefers-reduced-motion: reduce)";

/** What of the builder is shown, and where the focus is. */
export function useView({ pipeline, services, selection, select, edit }: Editing) {
  const flow = useVueFlow("builder");
  /** On a phone the list is the builder. */
  const narrow = useNarrow();
  const calm = useMediaQuery(CALM);
  const asList = ref(narrow.value);
  const help = ref(false);
  /** Whether the palette, and the panel at the side, are open where there is room for them. */
  const shelf = useLocalStorage("halles-shelf", true);
  const side = useLocalStorage("halles-side", true);
  const ordering = ref(false);
  /** Whether the list of problems is open. */
  const troubled = ref(false);
  const choice = ref<Choice>();
  const sheet = ref<Sheet>();
  /** The connection, or the output, whose value is looked at. */
  const looked = ref<Looked>();
  const duration = () => (calm.value ? 0 : 200);

  /** Whoever runs, or looks at a value, sees the panel where that is. */
  watch([ordering, looked], ([running, seen]) => {
    if (running || seen) side.value = true;
  });

  /** Select a node, bring it into sight and put the focus on it. */
  async function goTo(wanted: string): Promise<void> {
    const shut = shutAround(pipeline.value.layout.groups, wanted);
    const id = shut === undefined ? wanted : groupNode(shut);
    select([id]);
    await reveal(id);
    await focus(id);
  }

  /** Bring a node into sight, as soon as it is drawn. */
  async function reveal(id: string): Promise<void> {
    for (let frame = 0; frame < FRAMES && !asList.value; frame++) {
      const { computedPosition: at, dimensions: size } = flow.findNode(id) ?? {};
      if (at && size?.width) {
        const zoom = Math.max(flow.viewport.value.zoom, NEAR);
        if (!inSight(at)) await flow.setCenter(at.x + size.width / 2, at.y + size.height / 2, { zoom });
        return;
      }
      await new Promise((resolve) => requestAnimationFrame(resolve));
    }
  }

  /** Put the focus on a node, as soon as it is drawn. */
  async function focus(id: string): Promise<void> {
    for (let frame = 0; frame < FRAMES; frame++) {
      await new Promise((resolve) => requestAnimationFrame(resolve));
      const found = document.querySelector<HTMLElement>(`[data-node="${CSS.escape(id)}"]`);
      found?.focus({ preventScroll: !asList.value });
      if (found && document.activeElement === found) return;
    }
  }

  function inSight({ x, y }: Point): boolean {
    const { x: left, y: top, zoom } = flow.viewport.value;
    const { width, height } = flow.dimensions.value;
    const [at, down] = [x * zoom + left, y * zoom + top];
    return at > 0 && down > 0 && at < width - 120 * zoom && down < height - 60 * zoom;
  }

  /** Go to the next node in a direction; in the list, to the one above or below. */
  function go(direction: Direction): void {
    const places = shownPlaces(pipeline.value, services.value);
    const here = selection.value.at(-1);
    const ids = [...places.keys()];
    const listed = asList.value ? ids[ids.indexOf(here ?? "") + (direction === "ArrowUp" ? -1 : 1)] : undefined;
    const next = !here ? ids[0] : asList.value ? listed : nextOf(places, here, direction);
    if (next) void goTo(next);
  }

  function move(direction: Direction): void {
    if (!selection.value.length) return;
    const places = shownPlaces(pipeline.value, services.value);
    const by = STEPS[direction];
    const moved = selection.value.map((id) => {
      const { x, y } = places.get(id) ?? { x: 0, y: 0 };
      return [id, { x: x + by.x * GRID, y: y + by.y * GRID }] as const;
    });
    edit(movesTo(pipeline.value, services.value, Object.fromEntries(moved)), `move ${selection.value.join(" ")}`);
  }

  /** All of it, if it can be read so; else from where it begins. */
  const home = () => fromItsBeginning(flow, { padding: 0.04, maxZoom: 1, minZoom: READABLE });
  const fit = () => flow.fitView({ padding: 0.15, maxZoom: 1, duration: duration() });

  return {
    narrow,
    shelf,
    side,
    asList,
    help,
    ordering,
    troubled,
    choice,
    sheet,
    looked,
    show: (wanted: Sheet | undefined) => (sheet.value = wanted),
    ask: (wanted: Choice) => (choice.value = wanted),
    lookAt: (wanted: Looked | undefined) => (looked.value = wanted),
    goTo,
    reveal,
    focus,
    go,
    move,
    home,
    fit,
    zoomIn: () => flow.zoomIn({ duration: duration() }),
    zoomOut: () => flow.zoomOut({ duration: duration() }),
    actual: () => flow.zoomTo(1, { duration: duration() }),
  };
}

export type View = ReturnType<typeof useView>;
