import { ref, type Ref } from "vue";
import { useI18n } from "vue-i18n";
import type { File, Run } from "@/client/run";
import { everything, fileName, packed, type Names } from "./everything";
import type { Song } from "./song";
import { save, type Sleeve } from "./typeset";
import { useWords } from "./words";

const NAMES = ["covers", "shops", "plain", "words", "style", "brief", "credits", "record"] as const;

/** Saves everything of a song as one file. `packing`: how many covers are done, nothing while nothing is packed. */
export function usePacking(run: Ref<Run | undefined>, song: Ref<Song>, covers: Ref<File[]>, sleeve: Ref<Sleeve>) {
  const { t } = useI18n();
  const { captionOf } = useWords();
  const packing = ref<number>();
  const failure = ref<unknown>();

  async function pack(): Promise<void> {
    if (packing.value !== undefined) return;
    [packing.value, failure.value] = [0, undefined];
    const names = Object.fromEntries(NAMES.map((name) => [name, t(`cover.packed.${name}`)])) as unknown as Names;
    const shown = covers.value.map((file, at) => ({ file, caption: captionOf(song.value.brief, at) }));
    const whole = { run: run.value!, song: song.value, covers: shown, sleeve: sleeve.value, names };
    const { title, artist } = sleeve.value;
    const folder = fileName([artist, title].filter(Boolean).join(" - ") || t("cover.fileName"));
    try {
      save(
        await packed(
          everything(whole, (done) => (packing.value = done)),
          folder,
        ),
        `${folder}.zip`,
      );
    } catch (problem) {
      failure.value = problem;
    } finally {
      packing.value = undefined;
    }
  }
  return { packing, pack, failure };
}
