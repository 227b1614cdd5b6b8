import { useI18n } from "vue-i18n";
import { familyOf } from "@/shared/media";
import { useSentences } from "@/shared/sentences";
import { slugOf, typeOf, type Problem } from "./graph";
import type { Builder } from "./useBuilder";

/** What the server finds wrong, in words of the page's language; what has none there is said as the server says it. */
export function useWords(builder: Pick<Builder, "pipeline" | "services">) {
  const { t, te } = useI18n();
  const { say: told } = useSentences();
  const { pipeline, services } = builder;

  function say(problem: Problem, from?: string): string {
    const key = `editing.wrong.${problem.code}`;
    if (!te(key)) return told(problem.message, problem.said);
    const step = pipeline.value.steps.find((each) => each.id === problem.step);
    const port = step && services.value.get(slugOf(step))?.inputs.find((each) => each.name === problem.port);
    const source = from ?? (problem.port && step?.inputs[problem.port]) ?? "";
    const named = (media: readonly string[]) => t(`editing.type.${familyOf(media)}`);
    return t(key, {
      from: source,
      step: problem.step ?? "",
      port: problem.port ?? "",
      service: step?.service ?? "",
      gives: exact(typeOf(pipeline.value, services.value, source), port?.media ?? [], named),
      takes: exact(port?.media ?? [], typeOf(pipeline.value, services.value, source), named),
    });
  }

  return { say };
}

/** A type as a word; as its media type too when the other's word is the same. */
function exact(
  media: readonly string[],
  other: readonly string[],
  named: (media: readonly string[]) => string,
): string {
  const word = named(media);
  return word === named(other) ? `${word} (${media.join(" / ")})` : word;
}
