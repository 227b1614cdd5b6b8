import { readonly, ref } from "vue";

const SHOWN_MS = 4000;
const current = ref<{ id: number; text: string }>();
let last = 0;

/** What the application says at the moment: shown at the foot of the page, and read aloud. */
export const notice = readonly(current);

/** Say that something was done ("Copied", "Saved"), where the page itself does not show it. */
export function tell(text: string): void {
  const id = ++last;
  current.value = { id, text };
  setTimeout(() => current.value?.id === id && (current.value = undefined), SHOWN_MS);
}
