import { copies, type Step } from "./document";
import { placesOf } from "./graph";
import type { Editing } from "./useEditing";

/** Copies of what is selected. */
export function useClipboard({ pipeline, selection, select, edit }: Editing) {
  let held: Step[] = [];

  function copy(): void {
    held = pipeline.value.steps.filter((step) => selection.value.includes(step.id));
  }

  function paste(): void {
    const steps = copies(pipeline.value, held);
    const places = placesOf(pipeline.value);
    const place = (index: number) => places.get(held[index]!.id) ?? { x: 0, y: 0 };
    const at = Object.fromEntries(
      steps.map((step, index) => [step.id, { x: place(index).x + 40, y: place(index).y + 60 }]),
    );
    if (steps.length) edit({ type: "paste", steps, at });
    select(steps.map((step) => step.id));
  }

  return { copy, paste };
}
