import type { InjectionKey, Ref } from "vue";

/** The ports that fit the connection that is being drawn, as `step port`. */
export const FITTING: InjectionKey<Readonly<Ref<Set<string> | undefined>>> = Symbol("fitting");
