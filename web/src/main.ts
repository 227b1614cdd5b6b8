import "@/shared/base.css";
import { createPinia } from "pinia";
import { createApp } from "vue";
import App from "@/App.vue";
import { onceBack } from "@/client/connection";
import { look } from "@/client/session";
import { i18n, ready } from "@/locales";
import { router } from "@/router";
import { followLanguage } from "@/shared/sentences";
import { watchTrouble } from "@/shared/trouble";

// A server that does not answer yet is no reason to show nothing: the page says so, and who works here is asked later.
await Promise.all([ready, look().catch(() => onceBack(() => void look()))]);
void followLanguage();
const app = createApp(App);
watchTrouble(app, router);
app.use(createPinia()).use(i18n).use(router).mount("#app");
