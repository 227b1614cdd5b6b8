import type { InjectionKey, Ref } from "vue";
import type { Problem } from "./graph";
import type { Groups } from "./useGroups";

/** The ports that fit the connection that is being drawn, as `step port`. */
export const FITTING: InjectionKey<Readonly<Ref<Set<string> | undefined>>> = Symbol("fitting");

/** A problem in words of the page's language. */
export const SAYING: InjectionKey<(problem: Problem) => string> = Symbol("saying");

/** What groups and notes on the canvas can do with themselves. */
export const GROUPING: InjectionKey<Groups> = Symbol("grouping");
