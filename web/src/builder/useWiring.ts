import { ref } from "vue";
import { apply, type Edit } from "./document";
import { placesOf, referenceOf, slugOf, typeOf, type Problem, type Service } from "./graph";
import { verdict } from "./useChecking";
import type { Editing } from "./useEditing";

/** A connection that cannot work: why, and services that would stand between. */
export interface Refused {
  message: string;
  from: string;
  step: string;
  port: string;
  converters: Service[];
}

const key = (problem: Problem) => [problem.code, problem.step, problem.port, problem.message].join("\0");

/** Connections, made when they can work. */
export function useWiring({ pipeline, services, edit, addStep }: Editing) {
  const refused = ref<Refused>();

  /** Wire an output to an input, unless the server says that this cannot work. Gives whether it was done. */
  async function connect(node: string, output: string, target: string, port: string): Promise<boolean> {
    const from = referenceOf(node, output);
    const change: Edit = { type: "connect", from, step: target, port };
    const before = new Set((await verdict(pipeline.value)).map(key));
    const fresh = (await verdict(apply(pipeline.value, change))).filter(
      (problem) =>
        !before.has(key(problem)) && (problem.code === "cycle" || (problem.step === target && problem.port === port)),
    );
    const wrong = fresh.find((problem) => problem.code !== "list-to-one");
    if (wrong) {
      refused.value = {
        message: wrong.message,
        from,
        step: target,
        port,
        converters: await converters(from, target, port),
      };
      return false;
    }
    refused.value = undefined;
    edit(change);
    // A list for a port that takes one: the step runs once an item.
    if (fresh.length) edit({ type: "set-step", step: target, change: { map: port } }, "connect");
    return true;
  }

  /** Services that take what is offered and give what is wanted. */
  async function converters(from: string, target: string, port: string): Promise<Service[]> {
    const step = pipeline.value.steps.find((each) => each.id === target);
    const wanted = step && services.value.get(slugOf(step))?.inputs.find((each) => each.name === port)?.media;
    if (!wanted) return [];
    const offered = typeOf(pipeline.value, services.value, from);
    return [...services.value.values()].filter(
      (each) =>
        each.inputs.some((input) => fits(input.media, offered)) &&
        each.outputs.some((output) => fits(wanted, output.media)),
    );
  }

  /** Put a service between the two ends of a connection that was refused. */
  async function insert(service: Service): Promise<void> {
    const wish = refused.value;
    if (!wish) return;
    const place = placesOf(pipeline.value).get(wish.step) ?? { x: 0, y: 0 };
    const step = addStep(service, { x: place.x - 150, y: place.y - 130 });
    const offered = typeOf(pipeline.value, services.value, wish.from);
    const wanted = services.value.get(slugOf(pipeline.value.steps.find((each) => each.id === wish.step)!))!;
    const input = service.inputs.find((each) => fits(each.media, offered));
    const output = service.outputs.find((each) =>
      fits(wanted.inputs.find((port) => port.name === wish.port)!.media, each.media),
    );
    refused.value = undefined;
    if (input) edit({ type: "connect", from: wish.from, step, port: input.name });
    if (output) edit({ type: "connect", from: `${step}.${output.name}`, step: wish.step, port: wish.port });
  }

  return { refused, connect, insert };
}

/** Whether a port that takes one of these types can be fed by what gives those. A hint only: the server decides. */
function fits(wanted: string[], offered: string[]): boolean {
  const one = (want: string, offer: string) => {
    const [wantType, wantKind] = want.split(";kind=") as [string, string?];
    const [offerType, offerKind] = offer.split(";kind=") as [string, string?];
    const [family, sub] = wantType.split("/") as [string, string];
    const same = wantType === offerType || (sub === "*" && offerType.startsWith(`${family}/`));
    return same && (!wantKind || wantKind === offerKind);
  };
  return offered.length > 0 && offered.every((offer) => wanted.some((want) => one(want, offer)));
}
