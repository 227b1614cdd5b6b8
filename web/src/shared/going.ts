import { readonly, ref } from "vue";
import type { Router } from "vue-router";

const on = ref(false);
/** Whether the way to another page is not done yet, its parts still coming. */
export const going = readonly(on);

/** Watch the ways of a router. The first page has its own sign of waiting. */
export function watchWays(router: Router): void {
  router.beforeEach((to, from) => {
    on.value = Boolean(from.name) && to.path !== from.path;
  });
  router.afterEach(() => {
    on.value = false;
  });
  router.onError(() => {
    on.value = false;
  });
}
