/** Families of media types: what a value is to a person, and the colour of its ports. */
export type Family = "audio" | "image" | "text" | "json" | "file";

export function familyOf(media: readonly string[] | string): Family {
  const first = (typeof media === "string" ? media : (media[0] ?? "")).split(";")[0] ?? "";
  if (first.startsWith("audio/")) return "audio";
  if (first.startsWith("image/")) return "image";
  if (first === "application/json" || first.endsWith("+json")) return "json";
  return first.startsWith("text/") ? "text" : "file";
}

/** The semantic kind of a media type, such as `lyrics` in `application/json;kind=lyrics`. */
export const kindOf = (media: string) => /;\s*kind=([a-z0-9-]+)/.exec(media)?.[1] ?? "";

/** What a port takes or gives, in a word: its kind where it has one, else its family. */
export const wordOf = (media: readonly string[]) => kindOf(media[0] ?? "") || familyOf(media);
