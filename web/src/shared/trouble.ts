/** Faults of the application itself: errors that nobody caught, and parts of it that are not there any more. */
import { readonly, shallowRef } from "vue";
import type { App } from "vue";
import type { Router } from "vue-router";
import { answers, missed, onceBack } from "@/client/connection";
import { isMissing } from "./missing";

/** What happened. `whole`: the page could not be drawn, so that nothing of it is to be kept. */
interface Trouble {
  error: unknown;
  whole: boolean;
}
/** Where an error is thrown while a component is set up, drawn or put in its place, as Vue tells it in a build. */
const DRAWING = /(setup function|render function|(mounted|created|beforeMount) hook|runtime-(0|1|bc|c|bm|m)$)/;
/** A page that was loaded anew for a missing part is not loaded again within so many milliseconds. */
const ONCE = 30_000;
const RELOADED = "halles-reloaded";

const current = shallowRef<Trouble>();
export const trouble = readonly(current);
export const dismiss = () => (current.value = undefined);

function happened(error: unknown, whole: boolean): void {
  if (error instanceof DOMException && error.name === "AbortError") return;
  console.error(error);
  if (!current.value?.whole) current.value = { error, whole };
}

/** Show what nobody caught, instead of a page that stands still or is blank. */
export function watchTrouble(app: App, router: Router): void {
  app.config.errorHandler = (error, _instance, info) => happened(error, DRAWING.test(info));
  window.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    happened(event.reason, false);
  });
  // After an upgrade the parts of the page that is open have other names: the page is loaded anew, once.
  router.onError(async (error, to) => {
    if (!isMissing(error)) return happened(error, true);
    if (!(await answers())) {
      missed();
      return onceBack(() => void router.push(to.fullPath));
    }
    const before = Number(sessionStorage.getItem(RELOADED));
    if (Date.now() - before < ONCE) return happened(error, true);
    sessionStorage.setItem(RELOADED, String(Date.now()));
    location.assign(to.fullPath);
  });
  router.afterEach(() => {
    if (current.value?.whole) dismiss();
  });
}
