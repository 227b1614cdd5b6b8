import { nextTick } from "vue";
import { createRouter, createWebHistory } from "vue-router";
import CoverPage from "@/cover/CoverPage.vue";
import { watchWays } from "@/shared/going";

declare module "vue-router" {
  interface RouteMeta {
    /** The key of the title that the page has until it knows a better one. */
    title?: string;
    /** The page is for everybody, also before they sign in. */
    open?: boolean;
    /** The entry of the navigation to which the page belongs. */
    area?: "cover" | "market" | "builder" | "runs" | "operate";
    /** A page for people from outside: without the way to the others. */
    alone?: boolean;
  }
}

/** The pages. Their paths are none of the API's, so that both live on one port. */
export const router = createRouter({
  history: createWebHistory(),
  routes: [
    { path: "/", name: "cover", component: CoverPage, meta: { title: "app.cover", area: "cover" } },
    {
      path: "/cover/:run",
      name: "song",
      component: CoverPage,
      props: true,
      meta: { title: "app.cover", area: "cover" },
    },
    {
      path: "/s/:token",
      name: "shared",
      component: () => import("@/cover/SharedPage.vue"),
      props: true,
      meta: { title: "app.cover", alone: true, open: true },
    },
    {
      path: "/market",
      name: "market",
      component: () => import("@/market/MarketPage.vue"),
      meta: { title: "app.market", area: "market" },
    },
    {
      path: "/market/services/:slug",
      name: "service",
      component: () => import("@/market/ServicePage.vue"),
      props: true,
      meta: { title: "app.market", area: "market" },
    },
    {
      path: "/market/pipelines/:slug",
      name: "pipeline",
      component: () => import("@/market/PipelinePage.vue"),
      props: true,
      meta: { title: "app.market", area: "market" },
    },
    {
      path: "/builder/:slug?",
      name: "builder",
      component: () => import("@/builder/BuilderPage.vue"),
      props: true,
      meta: { title: "app.builder", area: "builder" },
    },
    {
      path: "/history",
      name: "runs",
      component: () => import("@/runs/RunsPage.vue"),
      meta: { title: "app.runs", area: "runs" },
    },
    {
      path: "/history/compare",
      name: "runs-compared",
      component: () => import("@/runs/ComparePage.vue"),
      meta: { title: "app.runs", area: "runs" },
    },
    {
      path: "/history/:run",
      name: "run",
      component: () => import("@/runs/RunPage.vue"),
      props: true,
      meta: { title: "app.runs", area: "runs" },
    },
    {
      path: "/operate",
      name: "operate",
      component: () => import("@/operate/OperatePage.vue"),
      meta: { title: "app.operate", area: "operate" },
    },
    {
      path: "/docs",
      name: "docs",
      component: () => import("@/market/DocsPage.vue"),
      meta: { title: "reference.title", open: true },
    },
    {
      path: "/signin",
      name: "signin",
      component: () => import("@/SignInPage.vue"),
      meta: { title: "signin.title", open: true },
    },
    { path: "/:rest(.*)*", name: "lost", component: () => import("@/shared/LostPage.vue") },
  ],
  scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
});

watchWays(router);

/** Whoever comes to another page begins at its head, also by keyboard. */
router.afterEach(async (to, from) => {
  if (!from.name || to.name === from.name) return;
  await nextTick();
  document.getElementById("content")?.focus({ preventScroll: true });
});
