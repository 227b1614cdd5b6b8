import { onScopeDispose, readonly, ref, watchEffect } from "vue";

const own = ref<string>();

/** What the page that is shown calls itself, if it has a better name than its route. */
export const pageTitle = readonly(own);

/** Give the page a title, for the window and for those who hear it; nothing while it is not known. */
export function usePageTitle(title: () => string | undefined): void {
  watchEffect(() => (own.value = title()));
  onScopeDispose(() => (own.value = undefined));
}
