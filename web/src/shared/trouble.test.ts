import { mount } from "@vue/test-utils";
import { afterEach, expect, it, vi } from "vitest";
import { createApp, defineComponent, h, nextTick } from "vue";
import { createMemoryHistory, createRouter } from "vue-router";
import { isMissing } from "./missing";
import { dismiss, trouble, watchTrouble } from "./trouble";

const silent = () => vi.spyOn(console, "error").mockImplementation(() => {});
const Page = defineComponent({ render: () => h("p", "here") });
function router() {
  const component = () => {
    const payload = new TypeError("Failed to fetch dynamically imported module");
    window.dispatchEvent(Object.assign(new Event("vite:preloadError"), { payload }));
    return Promise.reject(payload);
  };
  const routes = [
    { path: "/", component: Page },
    { path: "/gone", component },
  ];
  return createRouter({ history: createMemoryHistory(), routes });
}
afterEach(() => {
  dismiss();
  vi.restoreAllMocks();
  sessionStorage.clear();
});

it("takes the place of a page that cannot be drawn, and leaves one that can", async () => {
  silent();
  const Broken = defineComponent({ render: () => h("p", (undefined as unknown as { name: string }).name) });
  const app = createApp(Broken);
  watchTrouble(app, router());
  app.mount(document.createElement("div"));
  expect(trouble.value?.whole).toBe(true);

  dismiss();
  const Clicked = defineComponent({
    render: () =>
      h("button", {
        onClick: () => {
          throw new Error("in a handler");
        },
      }),
  });
  const other = createApp(Clicked);
  watchTrouble(other, router());
  const place = document.createElement("div");
  other.mount(place);
  place.querySelector("button")!.click();
  expect(trouble.value).toMatchObject({ whole: false, error: { message: "in a handler" } });
});

it("loads a page anew whose part is missing, and only once", async () => {
  silent();
  vi.stubGlobal("fetch", async () => new Response("{}"));
  const assign = vi.spyOn(location, "assign").mockImplementation(() => {});
  const routes = router();
  watchTrouble(createApp(Page), routes);
  for (const _ of [1, 2]) {
    await routes.push("/gone").catch(() => {});
    await nextTick();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  expect(assign.mock.calls).toEqual([["/gone"]]);
  expect(trouble.value?.whole).toBe(true);
  expect(isMissing(trouble.value?.error)).toBe(true);
});

it("says nothing of what somebody stopped", () => {
  const app = createApp(Page);
  watchTrouble(app, router());
  app.config.errorHandler!(new DOMException("Stopped", "AbortError"), null, "");
  expect(trouble.value).toBeUndefined();
  expect(mount(Page).text()).toBe("here");
});
