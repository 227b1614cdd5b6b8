import "@/shared/base.css";
import { createPinia } from "pinia";
import { createApp } from "vue";
import App from "@/App.vue";
import { i18n, ready } from "@/locales";
import { router } from "@/router";
import { watchTrouble } from "@/shared/trouble";

await ready;
const app = createApp(App);
watchTrouble(app, router);
app.use(createPinia()).use(i18n).use(router).mount("#app");
