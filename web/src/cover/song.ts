/** What the services say of a song, as far as the page shows it. */
import { send } from "@/client/api";
import { computed, shallowRef, watch, type Ref } from "vue";
import { files, type File, type Run } from "@/client/run";
import type { Said } from "@/shared/forms";

export interface Score {
  label: string;
  score: number;
}
export interface Word {
  text: string;
  start: number;
  end: number;
  confidence: number;
}
export interface Line extends Word {
  words: Word[];
}
export interface Lyrics {
  text: string;
  language: string | null;
  segments: Line[];
  seconds: number;
  singing: number;
}
export interface TextAnalysis {
  has_text: boolean;
  emotions: Score[];
  topics: Score[];
  sentiment: number;
}
export interface Style {
  genres: Score[];
  unsure: boolean;
  tags: Score[];
  energy: number;
  seconds: number;
}
export interface Idea {
  scene: string;
  subject: string;
  light: string;
  palette: string[];
  medium: string;
  prompt: string;
}
export interface Evidence {
  decision: string;
  because: string;
  said?: Said | null;
}
export interface Brief {
  mood: string;
  ideas: Idea[];
  evidence: Evidence[];
}
export interface Song {
  lyrics?: Lyrics;
  analysis?: TextAnalysis;
  style?: Style;
  brief?: Brief;
}

/** What a step of a run gave on a port. */
export const artifacts = (run: Run | undefined, step: string, port: string): File[] =>
  files(run?.steps.find((each) => each.id === step)?.outputs[port]);

/** Where in the run each part of the song's description comes out, as soon as its step has ended. */
const SOURCES: Record<keyof Song, [step: string, port: string]> = {
  lyrics: ["recognise", "lyrics"],
  analysis: ["analyse", "analysis"],
  style: ["style", "style"],
  brief: ["direct", "brief"],
};

/** The parts of a song's description, fetched as they come. */
export function useSong(run: Ref<Run | undefined>) {
  const parts = shallowRef<Song>({});
  const links = computed(() =>
    Object.entries(SOURCES).map(
      ([part, [step, port]]) => [part as keyof Song, artifacts(run.value, step, port)[0]?.url.split("?")[0]] as const,
    ),
  );
  const shown = new Map<keyof Song, string | undefined>();

  async function load(part: keyof Song, url: string | undefined): Promise<void> {
    if (shown.get(part) === url) return;
    shown.set(part, url);
    const answer = url ? await send(url).catch(() => undefined) : undefined;
    const found = answer?.ok ? await answer.json() : undefined;
    if (shown.get(part) !== url) return;
    if (url && !found) shown.delete(part); // Asked again with the next event.
    parts.value = { ...parts.value, [part]: found };
  }

  watch(links, (now) => now.forEach(([part, url]) => void load(part, url)), { immediate: true });
  return parts;
}

/** The line that is sung at a time; between two lines it is the one before, until the next begins soon after. */
export function lineAt(lyrics: Lyrics, time: number): number | undefined {
  const line = lyrics.segments.findLastIndex((each) => each.start <= time + 0.05);
  return line >= 0 && time < lyrics.segments[line]!.end + 1.5 ? line : undefined;
}

/** Lyrics with one line said otherwise. Its words keep their span of time, shared out by their length. */
export function corrected(lyrics: Lyrics, index: number, text: string): Lyrics {
  const segments = lyrics.segments.flatMap((line, at) => {
    if (at !== index) return [line];
    const said = text.trim().split(/\s+/).filter(Boolean);
    if (!said.length) return [];
    const whole = said.reduce((sum, word) => sum + word.length, 0);
    let start = line.start;
    const words = said.map((word) => {
      const end = start + ((line.end - line.start) * word.length) / whole;
      const timed = { text: word, start, end, confidence: 1 };
      start = end;
      return timed;
    });
    return [{ ...line, text: said.join(" "), confidence: 1, words }];
  });
  return { ...lyrics, segments, text: segments.map((line) => line.text).join("\n") };
}

/** The prompt says again what the fields say; a changed idea is described anew by its fields. */
export function reworded(idea: Idea, change: Partial<Idea>): Idea {
  const now = { ...idea, ...change };
  let { prompt } = idea;
  for (const field of ["subject", "scene", "light", "medium"] as const) {
    const [before, after] = [idea[field], now[field]];
    if (before && before !== after) prompt = prompt.split(before).join(after);
  }
  return { ...now, prompt };
}
