/** Runs as the server lists them, page by page, kept up to date while they are looked at. */
import { useDocumentVisibility, useTimeoutFn } from "@vueuse/core";
import { onScopeDispose, ref, shallowRef, watch, type Ref } from "vue";
import { api, asked } from "@/client/api";
import { onReturn } from "@/client/connection";
import { asks, refreshed, type Filter, type Head } from "./list";

/** Runs asked for at once, and when it is only for what is new. */
const [PAGE, NEWS] = [200, 50];
const PAUSE = 2000;

const list = async (query: object) => asked(api.GET("/runs", { params: { query } }));
const seconds = () => Date.now() / 1000;

/** `seen` gives the ids of the rows that are on the screen: they may have changed, however old they are. */
export function useRunList(filter: Ref<Filter>, seen: () => string[]) {
  const runs = shallowRef<Head[]>([]);
  const next = ref<string | null>();
  const error = shallowRef<unknown>();
  const loading = ref(true);
  const visibility = useDocumentVisibility();
  let turn = 0;
  let gone = false;

  /** Do something, unless the filter changes meanwhile. */
  async function attempt<Data>(ask: () => Promise<Data>, take: (data: Data) => void): Promise<void> {
    const mine = turn;
    try {
      const data = await ask();
      if (mine === turn) {
        take(data);
        error.value = undefined;
      }
    } catch (problem) {
      if (mine === turn) error.value = problem;
    }
  }

  async function begin(): Promise<void> {
    turn++;
    loading.value = true;
    const ask = () => list({ ...asks(filter.value, seconds()), limit: PAGE });
    await attempt(ask, (page) => ([runs.value, next.value] = [page.items, page.next]));
    loading.value = false;
  }

  let fetching = false;
  async function more(): Promise<void> {
    if (fetching || !next.value) return;
    fetching = true;
    const ask = () => list({ ...asks(filter.value, seconds()), cursor: next.value, limit: PAGE });
    await attempt(ask, (page) => {
      const known = new Set(runs.value.map((run) => run.id));
      runs.value = [...runs.value, ...page.items.filter((run) => !known.has(run.id))];
      next.value = page.next;
    });
    fetching = false;
  }

  async function refresh(): Promise<void> {
    const ask = async () => {
      const news = await list({ ...asks(filter.value, seconds()), limit: NEWS });
      const told = new Set(news.items.map((run) => run.id));
      const looked = seen().filter((id) => !told.has(id));
      const found = looked.length ? await list({ id: looked, limit: looked.length }) : { items: [] };
      return { news, looked, found: found.items };
    };
    await attempt(ask, ({ news, looked, found }) => {
      const known = new Set(runs.value.map((run) => run.id));
      const others = news.next && known.size && !news.items.some((run) => known.has(run.id));
      if (others || !known.size) [runs.value, next.value] = [news.items, news.next];
      else runs.value = refreshed(runs.value, news.items, !!news.next, looked, found, filter.value.state);
    });
  }

  const { start } = useTimeoutFn(async () => {
    if (visibility.value === "visible" && !loading.value) await refresh();
    if (!gone) start();
  }, PAUSE);
  onScopeDispose(() => (gone = true));
  watch(filter, begin, { immediate: true, deep: true });
  watch(visibility, (now) => now === "visible" && void refresh());
  onReturn(begin);
  return { runs, next, error, loading, begin, more };
}
