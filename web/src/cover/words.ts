import { useI18n } from "vue-i18n";
import { useSentences } from "@/shared/sentences";
import { translated } from "./meanings";
import type { Brief, Idea, Score } from "./song";

/** Below this a label says nothing. */
const LEAST = 0.08;

/** Labels of the services in the page's language. */
export function useWords() {
  const { t, te, tm, locale } = useI18n();
  const { terms } = useSentences();

  const word = (kind: string, label: string) => {
    const key = `${kind}.${label.replaceAll(" ", "_")}`;
    return te(key) ? t(key) : label;
  };
  /** All that is known of a kind, such as the scenes. */
  const options = (kind: string) =>
    Object.keys(tm(kind) as object).map((key) => ({ value: key, label: t(`${kind}.${key}`) }));
  const caption = (idea: Idea | undefined) =>
    idea ? [idea.subject || word("scene", idea.scene), word("medium", idea.medium)].join(", ") : "";
  const termsOf = (brief: Brief) => terms(brief.evidence.map((each) => each.said));
  /** A brief in the page's language, to be read. */
  const told = (brief: Brief | undefined) => brief && translated(brief, termsOf(brief));
  const captionOf = (brief: Brief | undefined, cover: number) =>
    caption(told(brief)?.ideas[cover]) || t("cover.number", { number: cover + 1 });
  const language = (code: string | null) =>
    code ? (new Intl.DisplayNames(locale.value, { type: "language" }).of(code) ?? code) : "";

  return { word, options, termsOf, told, captionOf, language };
}

export const strongest = (scores: readonly Score[] | undefined, count: number) =>
  (scores ?? []).filter((each) => each.score >= LEAST).slice(0, count);
