import "@/shared/base.css";
import { createPinia } from "pinia";
import { createApp } from "vue";
import App from "@/App.vue";
import { i18n, ready } from "@/locales";
import { router } from "@/router";

await ready;
createApp(App).use(createPinia()).use(i18n).use(router).mount("#app");
