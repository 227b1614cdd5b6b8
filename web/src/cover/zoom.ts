/** How a picture is looked at: how large, and how far it was moved from the middle, in pixels of the window. */
export interface View {
  scale: number;
  x: number;
  y: number;
}

export const WHOLE: View = { scale: 1, x: 0, y: 0 };
export const LARGEST = 6;

/** Never smaller than whole, never moved so far that its edge comes into the window's middle. */
export function within(view: View, side: number): View {
  const scale = Math.min(Math.max(view.scale, 1), LARGEST);
  const room = ((scale - 1) * side) / 2;
  const held = (value: number) => Math.min(Math.max(value, -room), room) || 0;
  return { scale, x: held(view.x), y: held(view.y) };
}

/** Larger or smaller by a factor; what is at a point (from the middle of the window) stays there. */
export function zoomed(view: View, factor: number, side: number, point = { x: 0, y: 0 }): View {
  const scale = Math.min(Math.max(view.scale * factor, 1), LARGEST);
  const by = scale / view.scale;
  return within({ scale, x: point.x - (point.x - view.x) * by, y: point.y - (point.y - view.y) * by }, side);
}

export const moved = (view: View, dx: number, dy: number, side: number): View =>
  within({ ...view, x: view.x + dx, y: view.y + dy }, side);
