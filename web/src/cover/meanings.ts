/** A brief in the page's language: its values stay those of the art director, who says in its reasons what they mean. */
import type { Brief } from "./song";

/** The words of a brief in another language, by the words of the art director. */
export type Terms = ReadonlyMap<string, string>;

/** A brief as it is read: its mood and subjects in other words. */
export function translated(brief: Brief, terms: Terms): Brief {
  const other = (text: string) => terms.get(text) ?? text;
  const ideas = brief.ideas.map((idea) => ({ ...idea, subject: other(idea.subject) }));
  return { ...brief, mood: other(brief.mood), ideas };
}

/** What was read, and maybe written over: what stands there as it was read is what it was. */
export function meant(read: Brief, brief: Brief, terms: Terms): Brief {
  const before = translated(brief, terms);
  const ideas = read.ideas.map((idea, at) =>
    idea.subject === before.ideas[at]?.subject ? { ...idea, subject: brief.ideas[at]!.subject } : idea,
  );
  return { ...read, mood: read.mood === before.mood ? brief.mood : read.mood, ideas };
}
