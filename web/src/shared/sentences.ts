/**
 * What the server says, in the page's language. Each sentence comes in English, and with how it was put together: its
 * form, which translations are found by, and what fills its holes. One that has no translation stays English.
 */
import { shallowReactive, watch } from "vue";
import { useI18n } from "vue-i18n";
import { api, asked } from "@/client/api";
import { principal } from "@/client/session";
import { locale as chosen, type Locale } from "@/locales";
import { fill, parts, plain, type Said, type Writer } from "./forms";

export interface Told {
  text: string;
  /** The language, where it is not the page's. */
  lang?: "en";
}
type Forms = Record<string, string>;

/** Translations by language, then by the English form: what the server itself says, and what its services say. */
const files = import.meta.glob<{ default: Forms }>("../locales/sentences/*.json");
const known = shallowReactive<Partial<Record<string, Forms>>>({});

export function learn(locale: string, forms: Forms): void {
  known[locale] = { ...known[locale], ...forms };
}

async function learnAll(locale: Locale): Promise<void> {
  const file = files[`../locales/sentences/${locale}.json`];
  if (!file) return; // English is what it is said in.
  if (!known[locale]) learn(locale, (await file()).default);
  if (!principal.value) return;
  const path = { language: locale };
  learn(locale, (await asked(api.GET("/sentences/{language}", { params: { path } }))).sentences);
}

/** Keep translations at hand for the language of the page, as far as one may see what they are of. */
export function followLanguage(): Promise<void> {
  const now = () => learnAll(chosen.value).catch(() => undefined); // Without them it is English, and says so.
  watch([chosen, () => principal.value?.id], now);
  return now();
}

export function useSentences() {
  const { t, te, n, locale } = useI18n();

  const writer = (forms: Forms): Writer => ({
    translated: (form) => forms[form],
    locale: locale.value,
    number: (value, options) => n(value, options),
    word: (kind, name) => (te(`${kind}.${name}`) ? t(`${kind}.${name}`) : undefined),
    none: t("app.none"),
  });

  /** A sentence in the page's language; without how it was put together it is its own form. */
  function told(text: string, said?: Said | null): Told {
    if (!text || locale.value === "en") return { text };
    const found = fill(said ?? { form: text }, writer(known[locale.value] ?? {}));
    return found === undefined ? { text, lang: "en" } : { text: found };
  }
  /** The same where there is room for plain text only: names in backticks stand as they are. */
  const say = (text: string, said?: Said | null) => plain(told(text, said).text);
  /** What stands beside a version: of the server's in the page's language, of a person's as they wrote it. */
  const noted = ({ message, said }: { message: string; said?: Said | null }) => (said ? say(message, said) : message);

  /** What the parts of sentences are in the page's language, by their English. */
  function terms(sentences: readonly (Said | null | undefined)[]): Map<string, string> {
    if (locale.value === "en") return new Map();
    const page = writer(known[locale.value] ?? {});
    const english = { ...writer({}), locale: "en", translated: (form: string) => form, word: () => undefined };
    const found = [...parts(sentences)].map((part) => [fill(part, english)!, fill(part, page)] as const);
    return new Map(found.filter((pair): pair is [string, string] => Boolean(pair[1])));
  }

  return { told, say, noted, terms };
}
