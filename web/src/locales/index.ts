import { usePreferredLanguages, useStorage } from "@vueuse/core";
import { computed, watch } from "vue";
import { createI18n } from "vue-i18n";

export const LOCALES = ["en", "fr", "de"] as const;
export type Locale = (typeof LOCALES)[number];
type Messages = Record<string, Record<string, unknown>>;

/** The words of each area of the application are a file of their own: `en/cover.json` holds `cover.…`. */
const files = import.meta.glob<{ default: Messages }>("./*/*.json");

const chosen = useStorage<Locale | "">("halles-locale", "");
const preferred = usePreferredLanguages();

/** The language of the page: what was chosen, else the first of the browser's that is there. */
export const locale = computed<Locale>({
  get: () => chosen.value || (preferred.value.map(known).find((each) => each !== undefined) ?? "en"),
  set: (value) => (chosen.value = value),
});

const known = (language: string) => LOCALES.find((each) => language.startsWith(each));

export const i18n = createI18n({ legacy: false, locale: "en", fallbackLocale: "en", messages: {} });

async function load(name: Locale): Promise<void> {
  const paths = Object.keys(files).filter((path) => path.startsWith(`./${name}/`));
  const parts = await Promise.all(paths.map((path) => files[path]!()));
  i18n.global.setLocaleMessage(name, Object.assign({}, ...parts.map((part) => part.default)) as never);
}

async function show(name: Locale): Promise<void> {
  if (!(i18n.global.availableLocales as string[]).includes(name)) await load(name);
  (i18n.global.locale as { value: string }).value = name;
  document.documentElement.lang = name;
}

export const ready = show(locale.value);
watch(locale, show);
