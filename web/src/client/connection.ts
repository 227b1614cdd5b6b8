/** Whether the server answers. A lost connection is tried again until it is there; whoever waits for that is told. */
import { onScopeDispose, readonly, ref } from "vue";
import { api } from "./api";

/** Milliseconds between tries, growing to the last. */
const PAUSES = [500, 1000, 2000, 4000];
/** A clock that stood still for so long tells that the computer slept. */
const [TICK, SLEPT] = [5_000, 20_000];
/** What stands before the server says so when the server is away. */
const GATEWAY = [502, 503, 504];

const lost = ref(false);
const waiting = new Set<() => void>();
let timer: ReturnType<typeof setTimeout> | undefined;
let tries = 0;

/** Whether the connection is lost, since so long that a person should know. */
export const away = readonly(lost);

/** Do something whenever the server is there again, and after the computer slept. */
export function onReturn(action: () => void): void {
  waiting.add(action);
  onScopeDispose(() => waiting.delete(action));
}

/** Do something when the server is there again, once. */
export function onceBack(action: () => void): void {
  const once = () => {
    waiting.delete(once);
    action();
  };
  waiting.add(once);
}

/** Whether the server answers now. */
export async function answers(): Promise<boolean> {
  try {
    return (await fetch("/health/live", { cache: "no-store" })).ok;
  } catch {
    return false;
  }
}

/** A request got no answer: find out when the next one will. */
export function missed(): void {
  timer ??= setTimeout(probe, PAUSES[Math.min(tries++, PAUSES.length - 1)]);
}

async function probe(): Promise<void> {
  const there = await answers();
  timer = undefined;
  if (!there) {
    lost.value = true;
    return missed();
  }
  tries = 0;
  lost.value = false;
  returned();
}

const returned = () => [...waiting].forEach((action) => action());

/** Whether an answer came from the server itself, and not from a gateway in its place. */
export const fromServer = (answer: Response) =>
  !GATEWAY.includes(answer.status) || (answer.headers.get("content-type") ?? "").includes("json");

api.use({
  onResponse({ response }) {
    if (!fromServer(response)) missed();
  },
  onError({ error }) {
    if (!(error instanceof DOMException && error.name === "AbortError")) missed();
  },
});

window.addEventListener("offline", missed);
window.addEventListener("online", () => {
  clearTimeout(timer);
  void probe();
});
let ticked = Date.now();
setInterval(() => {
  const now = Date.now();
  if (now - ticked > SLEPT) returned();
  ticked = now;
}, TICK);
