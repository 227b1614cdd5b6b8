import { useVueFlow, type Connection } from "@vue-flow/core";
import { origin, OUTPUTS } from "./document";
import type { Wish } from "./fitting";
import { referenceOf } from "./graph";
import type { Builder } from "./useBuilder";

type Pointed = MouseEvent | TouchEvent;
interface Started {
  nodeId?: string | null;
  handleId?: string | null;
  handleType?: string | null;
}

/** Where a step that is dropped is held: in the middle of its head. */
const GRIP = { x: 95, y: 26 };

/** The port behind a handle: a group shows those of its steps. */
const portOf = (node: string, handle: string): [string, string] =>
  node.startsWith("groups.") ? origin(handle) : [node, handle];

/** Connections drawn on the canvas, and services dropped on it: on an edge, or where nothing is. */
export function useCanvasWires(builder: Builder) {
  const { screenToFlowCoordinate } = useVueFlow("builder");
  let drawn: Started | undefined;

  function connected({ source, sourceHandle, target, targetHandle }: Connection): void {
    drawn = undefined;
    void builder.show(undefined);
    const [step, port] = portOf(target, targetHandle ?? "");
    void builder.connect(referenceOf(source, sourceHandle ?? ""), step, port);
  }

  function started(handle: Started): void {
    drawn = handle;
    const { nodeId, handleId, handleType } = handle;
    if (handleType === "source") void builder.show(referenceOf(nodeId ?? "", handleId ?? ""));
  }

  /** A connection that was let go where nothing is asks for what fits. */
  function ended(event?: Pointed): void {
    const from = drawn;
    drawn = undefined;
    void builder.show(undefined);
    if (!from?.nodeId || !event || !(event.target instanceof Element)) return;
    const point = "changedTouches" in event ? event.changedTouches[0] : event;
    const under = point && document.elementFromPoint(point.clientX, point.clientY);
    if (!point || !under?.closest(".vue-flow__pane") || under.closest(".vue-flow__node, .vue-flow__handle")) return;
    const at = screenToFlowCoordinate({ x: point.clientX, y: point.clientY - 40 });
    const { nodeId, handleId, handleType } = from;
    const [step, port] = handleType === "source" ? [nodeId, handleId ?? ""] : portOf(nodeId, handleId ?? "");
    if (handleType === "source") builder.view.choice.value = { kind: "from", sources: [referenceOf(step, port)], at };
    else if (!step.startsWith(`${OUTPUTS}.`))
      builder.view.choice.value = { kind: "to", step, port, at: { x: at.x - 190, y: at.y } };
  }

  const wishOf = (edge: string): Wish | undefined => {
    const found = builder.edges.value.find((each) => each.id === edge);
    return found && { from: found.data.from, step: found.data.step, port: found.data.port };
  };
  const edgeAt = (event: DragEvent) => {
    const under = document.elementsFromPoint(event.clientX, event.clientY);
    return under.map((each) => each.closest<SVGElement>(".vue-flow__edge")).find((each) => each !== null);
  };
  const unmark = () => document.querySelector(".vue-flow__edge.onto")?.classList.remove("onto");

  function over(event: DragEvent): void {
    const edge = edgeAt(event);
    if (edge?.classList.contains("onto")) return;
    unmark();
    edge?.classList.add("onto");
  }

  function dropped(event: DragEvent): void {
    const edge = edgeAt(event)?.dataset.id;
    unmark();
    const { x, y } = screenToFlowCoordinate({ x: event.clientX, y: event.clientY });
    const at = { x: Math.round(x - GRIP.x), y: Math.round(y - GRIP.y) };
    const slug = event.dataTransfer?.getData("application/x-halles-service");
    const media = event.dataTransfer?.getData("application/x-halles-input");
    const service = slug && builder.services.value.get(slug);
    const wish = edge && wishOf(edge);
    if (service && wish) void onto(service, wish, at);
    else if (service) void builder.place(service, at);
    else if (media) builder.addInput(media, at);
  }

  /** Between two steps if it fits there, else beside them. */
  async function onto(
    service: Parameters<Builder["place"]>[0],
    wish: Wish,
    at: { x: number; y: number },
  ): Promise<void> {
    if (!(await builder.insert(service, wish, at))) await builder.place(service, at);
  }

  return { connected, started, ended, over, dropped, wishOf };
}
