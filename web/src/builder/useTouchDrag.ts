import { useEventListener } from "@vueuse/core";
import { ref } from "vue";

/** What a finger carries, and where it is. */
export interface Carried {
  name: string;
  x: number;
  y: number;
}
/** How far a finger goes before it carries something: less is a touch, and up or down it scrolls. */
const BEGIN = 10;

/** Dragging by a finger, which browsers do not do by themselves: the canvas hears of it as of a mouse that drags. */
export function useTouchDrag() {
  const carried = ref<Carried>();
  let held: { name: string; type: string; value: string; x: number; y: number } | undefined;
  /** A finger that dragged is not one that pressed. */
  let dragged = false;

  function hold(event: PointerEvent, name: string, type: string, value: string): void {
    dragged = false;
    if (event.pointerType === "touch") held = { name, type, value, x: event.clientX, y: event.clientY };
  }

  function tell(event: PointerEvent, what: "dragover" | "drop"): void {
    const dataTransfer = new DataTransfer();
    dataTransfer.setData(held!.type, held!.value);
    const { clientX, clientY } = event;
    const under = document.elementFromPoint(clientX, clientY)?.closest("[role=application]");
    under?.dispatchEvent(new DragEvent(what, { clientX, clientY, dataTransfer, bubbles: true, cancelable: true }));
  }

  function end(): void {
    [held, carried.value] = [undefined, undefined];
  }

  useEventListener(window, "pointermove", (event) => {
    if (!held || event.pointerType !== "touch") return;
    if (!carried.value && Math.hypot(event.clientX - held.x, event.clientY - held.y) < BEGIN) return;
    dragged = true;
    carried.value = { name: held.name, x: event.clientX, y: event.clientY };
    tell(event, "dragover");
  });
  useEventListener(window, "pointerup", (event) => {
    if (carried.value) tell(event, "drop");
    end();
  });
  useEventListener(window, "pointercancel", end);

  /** Whether a click is the end of a drag; asked once for each. */
  function wasDrag(): boolean {
    const was = dragged;
    dragged = false;
    return was;
  }

  return { carried, hold, wasDrag };
}
