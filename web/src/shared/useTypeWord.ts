import { useI18n } from "vue-i18n";
import { wordOf } from "./media";

/** What a value is, in a word of the reader's language; kinds that only their author knows keep their name. */
export function useTypeWord() {
  const { t, te } = useI18n();
  return (media: readonly string[]) => {
    const word = wordOf(media);
    return te(`type.${word}`) ? t(`type.${word}`) : word.replaceAll("-", " ");
  };
}
