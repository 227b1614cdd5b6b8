/** What can be done with a song: each deed is a run that goes on from this one, and leads to its page. */
import { send } from "@/client/api";
import { computed, ref, type Ref } from "vue";
import { useRouter } from "vue-router";
import { files, type Run } from "@/client/run";
import * as actions from "./actions";
import { corrected, type Brief, type Song } from "./song";
import { wished, type Locks, type Wishes } from "./wishes";

/** The most covers of a song that are painted at once. */
export const MOST_COVERS = 8;
const MORE = 2;

/** `saved`: what is said of the song is on the server, and goes over to the next run. */
export function useWork(run: Ref<Run | undefined>, song: Ref<Song>, locks: () => Locks, saved: () => Promise<void>) {
  const router = useRouter();
  const busy = ref(false);
  const failure = ref<unknown>();

  async function attempt(action: () => Promise<string | void>): Promise<void> {
    [busy.value, failure.value] = [true, undefined];
    try {
      await saved();
      const next = await action();
      if (next) await router.push({ name: "song", params: { run: next } });
    } catch (problem) {
      failure.value = problem;
    } finally {
      busy.value = false;
    }
  }

  /** Which draw of ideas the covers are of. */
  async function draw(): Promise<number> {
    const wishes = files(run.value?.inputs.wishes)[0];
    const answer = wishes && (await send(wishes.url).catch(() => undefined));
    return answer?.ok ? (((await answer.json()) as Wishes).draw ?? 0) : 0;
  }
  const brief = computed(() => song.value.brief);

  /** A changed mood is for the art director; all else is painted as it was said. */
  async function repaint(changed: Brief): Promise<string> {
    const before = brief.value!;
    const evidence = before.evidence.filter((each) => said(before, each.decision) === said(changed, each.decision));
    const now = { ...changed, evidence };
    if (now.mood === before.mood) return actions.withBrief(run.value!, now);
    return actions.withWishes(run.value!, wished(now, locks(), { draw: await draw() }));
  }

  return {
    busy,
    failure,
    correct: (line: number, text: string) =>
      attempt(async () => {
        const wishes = brief.value && wished(brief.value, locks(), { draw: await draw() });
        return actions.withLyrics(run.value!, corrected(song.value.lyrics!, line, text), wishes);
      }),
    paint: (changed: Brief) => attempt(() => repaint(changed)),
    /** Other ideas for what is not locked. */
    others: () =>
      attempt(async () => actions.withWishes(run.value!, wished(brief.value!, locks(), { draw: (await draw()) + 1 }))),
    more: () =>
      attempt(async () => {
        const count = Math.min(brief.value!.ideas.length + MORE, MOST_COVERS);
        return actions.withWishes(run.value!, wished(brief.value!, locks(), { all: true, count, draw: await draw() }));
      }),
    stop: () => attempt(async () => void (await actions.stop(run.value!))),
    goOn: () => attempt(() => actions.goOn(run.value!)),
  };
}

/** What a brief says on a decision such as `ideas[0].scene`. */
function said(brief: Brief, decision: string): string {
  const [, cover, field] = /^ideas\[(\d+)\]\.(\w+)$/.exec(decision) ?? [];
  const idea = cover === undefined ? undefined : brief.ideas[Number(cover)];
  return JSON.stringify(idea ? idea[field as keyof typeof idea] : brief.mood);
}
