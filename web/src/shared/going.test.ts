import { createMemoryHistory, createRouter, type RouteComponent } from "vue-router";
import { expect, test } from "vitest";
import { going, watchWays } from "./going";

test("one is on the way until the parts of another page have come, or failed to", async () => {
  let come!: (part: RouteComponent) => void;
  const parts = new Promise<RouteComponent>((resolve) => (come = resolve));
  const gone = () => Promise.reject(new Error("gone"));
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [
      { path: "/", name: "here", component: {} },
      { path: "/there", name: "there", component: () => parts },
      { path: "/gone", name: "gone", component: gone },
    ],
  });
  watchWays(router);
  const first = router.push("/");
  expect(going.value).toBe(false);
  await first;

  const way = router.push("/there");
  await expect.poll(() => going.value).toBe(true);
  come({});
  await way;
  expect(going.value).toBe(false);

  await expect(router.push("/gone")).rejects.toThrow("gone");
  expect(going.value).toBe(false);
});
