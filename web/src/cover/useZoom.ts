import { ref, type Ref } from "vue";
import { moved, WHOLE, zoomed, type View } from "./zoom";

/** How much one turn of the wheel, one press of a button, or an arrow key does. */
const WHEEL = 0.0022;
const STEP = 1.5;
const ARROW = 60;

/** A picture that is zoomed by wheel, pinch, buttons and keys, and moved by finger, mouse and arrow keys. */
export function useZoom(place: Ref<HTMLElement | undefined>) {
  const view = ref<View>(WHOLE);
  const fingers = new Map<number, { x: number; y: number }>();

  const side = () => place.value?.clientWidth ?? 0;
  const larger = () => (view.value = zoomed(view.value, STEP, side()));
  const smaller = () => (view.value = zoomed(view.value, 1 / STEP, side()));
  const whole = () => (view.value = WHOLE);

  /** From the middle of the window, in which the picture lies. */
  function point(event: { clientX: number; clientY: number }) {
    const box = place.value!.getBoundingClientRect();
    return { x: event.clientX - box.left - box.width / 2, y: event.clientY - box.top - box.height / 2 };
  }
  function wheel(event: WheelEvent): void {
    event.preventDefault();
    view.value = zoomed(view.value, Math.exp(-event.deltaY * WHEEL), side(), point(event));
  }
  function down(event: PointerEvent): void {
    place.value?.setPointerCapture(event.pointerId);
    fingers.set(event.pointerId, point(event));
  }
  function move(event: PointerEvent): void {
    const before = fingers.get(event.pointerId);
    if (!before) return;
    const now = point(event);
    const other = [...fingers].find(([id]) => id !== event.pointerId)?.[1];
    fingers.set(event.pointerId, now);
    if (other) {
      const apart = (at: { x: number; y: number }) => Math.hypot(at.x - other.x, at.y - other.y) || 1;
      const middle = { x: (now.x + other.x) / 2, y: (now.y + other.y) / 2 };
      view.value = zoomed(view.value, apart(now) / apart(before), side(), middle);
    } else view.value = moved(view.value, now.x - before.x, now.y - before.y, side());
  }
  const up = (event: PointerEvent) => fingers.delete(event.pointerId);
  function twice(event: MouseEvent): void {
    view.value = view.value.scale > 1 ? WHOLE : zoomed(WHOLE, 2.5, side(), point(event));
  }

  /** Whether a key was one of ours. Arrows move what is larger than the window. */
  function key(event: KeyboardEvent): boolean {
    const by = { ArrowLeft: [ARROW, 0], ArrowRight: [-ARROW, 0], ArrowUp: [0, ARROW], ArrowDown: [0, -ARROW] }[
      event.key
    ];
    if (event.key === "+" || event.key === "=") larger();
    else if (event.key === "-") smaller();
    else if (event.key === "0") whole();
    else if (by && view.value.scale > 1) view.value = moved(view.value, by[0]!, by[1]!, side());
    else return false;
    event.preventDefault();
    return true;
  }
  return { view, larger, smaller, whole, wheel, down, move, up, twice, key };
}
