import type { InjectionKey, Ref } from "vue";
import type { Problem } from "./graph";

/** The ports that fit the connection that is being drawn, as `step port`. */
export const FITTING: InjectionKey<Readonly<Ref<Set<string> | undefined>>> = Symbol("fitting");

/** A problem in words of the page's language. */
export const SAYING: InjectionKey<(problem: Problem) => string> = Symbol("saying");
