/** Who works in this browser, and what happens when the session is over: requests wait until somebody signs in. */
import { computed, readonly, ref, shallowRef } from "vue";
import { api, asked, renewWith, type Schemas } from "./api";

export type Principal = Schemas["Principal"];
export type Role = Schemas["Role"];

/**
 * `open`: nobody is asked to sign in. `out`: nobody has signed in yet, or somebody signed out.
 * `ended`: the session is over while the page is still of who had it. `unknown`: the server has not answered yet.
 */
export type State = "unknown" | "open" | "in" | "out" | "ended";

const ROLES: Role[] = ["viewer", "runner", "author", "operator"];
const ways = shallowRef<Schemas["Ways"]>();
const current = ref<State>("unknown");
const open = ref(false);
/** Whoever closes the dialog is not asked again by every request. */
let declined = false;
let waiting: { promise: Promise<boolean>; settle: (signedIn: boolean) => void } | undefined;

export const state = readonly(current);
/** Whether the dialog is open that asks to sign in again. */
export const asking = readonly(open);
/** Whoever the page is of, also when their session has ended. */
export const principal = computed(() => ways.value?.principal ?? undefined);
export const provider = computed(() => ways.value?.provider ?? false);

/** Whether one may do what a role may. It only saves a question: the server decides. */
export const may = (role: Role): boolean =>
  !!principal.value && ROLES.indexOf(principal.value.role) >= ROLES.indexOf(role);

/** Ask the server who works here. */
export async function look(): Promise<void> {
  const found = await asked(api.GET("/auth"));
  if (found.principal) {
    ways.value = found;
    current.value = found.login === "required" ? "in" : "open";
    answer(true);
  } else if (current.value === "in" || current.value === "ended") {
    current.value = "ended";
  } else {
    [ways.value, current.value] = [found, "out"];
  }
}

/** Begin a session with an API key. Raises `Refusal`. */
export async function signIn(key: string): Promise<void> {
  await asked(api.POST("/auth/session", { headers: { Authorization: `Bearer ${key}` } }));
  await look();
}

/** End the session. Raises `Refusal`. */
export async function signOut(): Promise<void> {
  await asked(api.POST("/auth/logout"));
  answer(false);
  if (ways.value) ways.value = { ...ways.value, principal: null };
  current.value = "out";
}

export function ask(): void {
  open.value = true;
}

/** Close the dialog. What waited is refused, and stands on the page as it was. */
export function decline(): void {
  answer(false);
  declined = true;
}

function answer(signedIn: boolean): void {
  open.value = declined = false;
  waiting?.settle(signedIn);
  waiting = undefined;
}

function promised() {
  let settle!: (signedIn: boolean) => void;
  const promise = new Promise<boolean>((resolve) => (settle = resolve));
  return { promise, settle };
}

async function renew(): Promise<boolean> {
  if (declined) return false;
  if (waiting) return waiting.promise;
  await look().catch(() => undefined); // In another window somebody may have signed in.
  if (current.value !== "ended") return current.value === "in";
  open.value = true;
  waiting ??= promised();
  return waiting.promise;
}

renewWith(renew);
