import { createRouter, createWebHistory } from "vue-router";
import CoverPage from "@/cover/CoverPage.vue";

/** The pages. Their paths are none of the API's, so that both live on one port. */
export const router = createRouter({
  history: createWebHistory(),
  routes: [
    { path: "/", name: "cover", component: CoverPage },
    { path: "/cover/:run", name: "song", component: CoverPage, props: true },
    { path: "/market", name: "market", component: () => import("@/market/MarketPage.vue") },
    {
      path: "/market/services/:slug",
      name: "service",
      component: () => import("@/market/ServicePage.vue"),
      props: true,
    },
    {
      path: "/market/pipelines/:slug",
      name: "pipeline",
      component: () => import("@/market/PipelinePage.vue"),
      props: true,
    },
    { path: "/builder/:slug?", name: "builder", component: () => import("@/builder/BuilderPage.vue"), props: true },
    { path: "/history", name: "runs", component: () => import("@/runs/RunsPage.vue") },
    { path: "/history/:run", name: "run", component: () => import("@/runs/RunPage.vue"), props: true },
    { path: "/operate", name: "operate", component: () => import("@/operate/OperatePage.vue") },
    { path: "/:rest(.*)*", name: "lost", component: () => import("@/shared/LostPage.vue") },
  ],
  scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 },
});
