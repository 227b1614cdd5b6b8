"""The service `art-generator`: album covers from a brief or from words."""

import difflib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Literal, NamedTuple

from pydantic import Field

from halles.sdk import Context, Image, InputRefused, Port, say, service
from halles_services.art_generator.silhouette_weights import FLUENT_EMOJI, GAME_ICONS, TEMAKI
from halles_services.art_generator.weights import ENLARGE, STYLE
from halles_services.kinds import Brief, Idea
from halles_services.shared.art import LIGHTS, MEDIA, SCENES
from halles_services.shared.weights import E5

if TYPE_CHECKING:
    from halles_services.art_generator.silhouettes import Silhouette


class Outputs(NamedTuple):
    """What the service gives back."""

    covers: Annotated[list[Image], Port("the covers, square", media="image/png")]
    credits: Annotated[str, Port("whose work is in the covers; to be said where they are published")]


@service(
    "art-generator",
    version="1.0.0",
    name="Art generator",
    licence="Apache-2.0",
    tags=["Image Generation"],
    weights=[STYLE, ENLARGE, GAME_ICONS, FLUENT_EMOJI, TEMAKI, E5],
    timeout=900,
)
class ArtGenerator:
    """Paint album covers from a brief or a free prompt, on any processor, in seconds.

    A composed scene with depth and one light is drawn in the brief's colours; its subject is found by meaning among
    thousands of silhouettes and set into the scene; a neural style network or a printing process gives it a medium, and
    a super-resolution network its size. The same inputs, parameters and seed give the same bytes.

    With `backend: diffusion` a text-to-image model of a hub, or of a local folder, paints the prompts instead.
    """

    def __init__(self, context: Context) -> None:
        from halles_services.art_generator.paint import Studio
        from halles_services.art_generator.style import Painter
        from halles_services.art_generator.upscale import Enlarger

        painter = Painter(context.weights(STYLE), context.threads)
        self.studio = Studio(painter, Enlarger(context.weights(ENLARGE), context.threads))

    def run(
        self,
        brief: Annotated[Brief | None, Port("what to paint, and why")] = None,
        prompt: Annotated[str | None, Port("what to paint, in words")] = None,
        *,
        count: Annotated[
            int | None, Field(ge=1, le=8, description="How many covers; one an idea of the brief, or 3 of a prompt")
        ] = None,
        size: Annotated[int, Field(ge=512, le=2048, description="Width and height in pixels")] = 1024,
        backend: Annotated[Literal["scene", "diffusion"], Field(description="What paints")] = "scene",
        model: Annotated[str, Field(description="Hub id or folder of a text-to-image model, for diffusion")] = "",
        seed: int = 0,
        context: Context,
    ) -> Outputs:
        """Paint `count` covers of `size` pixels."""
        brief = brief or imagine(prompt, count or 3, seed, context)
        count = count or len(brief.ideas)
        ideas = [check(brief.ideas[k % len(brief.ideas)]) for k in range(count)]
        if backend == "diffusion":
            from halles_services.art_generator import diffusion

            painted = diffusion.paint(ideas, model=model, size=size, seed=seed, context=context)
            return Outputs(painted, f"Painted by the model {model or diffusion.DEFAULT_MODEL}.")
        from halles_services.art_generator.silhouettes import find

        covers, credits = [], []
        for k, idea in enumerate(ideas):
            context.progress(
                k / count,
                say(
                    "{parts:, }",
                    parts=[
                        say("{scene}", scene=idea.scene),
                        *filter(None, [idea.subject]),
                        say("{medium}", medium=idea.medium),
                    ],
                ),
            )
            shape = find(idea.subject, context)
            credits += [shape.attribution] if shape else []
            # An idea that comes again is composed anew: its dice are others.
            covers.append(self.cover(idea, shape, size, [seed, k]))
        return Outputs(covers, "\n".join(dict.fromkeys(credits)) or "No work of others is in these covers.")

    def cover(self, idea: Idea, shape: "Silhouette | None", size: int, seed: list[int]) -> Image:
        """Paint one idea with its subject."""
        import numpy as np

        from halles_services.art_generator.figure import Subject

        subject = Subject(shape.shape(), shape.place, shape.metres, shape.name) if shape else None
        return Image.from_array(self.studio.paint(idea, subject, size, np.random.default_rng(seed)))


def imagine(prompt: str | None, count: int, seed: int, context: Context) -> Brief:
    """A brief from a free prompt."""
    if not prompt or not prompt.strip():
        raise InputRefused("Give a brief, or a prompt that says in words what to paint.", port="prompt")
    from halles_services.shared.direction import brief_from_prompt

    return brief_from_prompt(prompt, count, seed, context)


def check(idea: Idea) -> Idea:
    """The idea, if the painter can paint it. Raises InputRefused with what he knows."""
    from halles_services.art_generator.palette import parse

    known(idea.scene, SCENES, "scene")
    known(idea.light, LIGHTS, "kind of light")
    known(idea.medium, MEDIA, "medium")
    for colour in idea.palette:
        try:
            parse(colour)
        except ValueError as error:
            raise InputRefused(
                say("The palette of a brief is of colours from dark to light: {error}.", error=error), port="brief"
            ) from error
    return idea


def known(name: str, names: Mapping[str, str], what: str) -> None:
    """Raise InputRefused unless a name is known."""
    if name in names:
        return
    message = say("There is no {what} `{name}`. Known: {names:, }.", what=say(what), name=name, names=list(names))
    if near := difflib.get_close_matches(name, names, 1):
        message = say(
            "There is no {what} `{name}`. Did you mean `{near}`? Known: {names:, }.",
            what=say(what),
            name=name,
            near=near[0],
            names=list(names),
        )
    raise InputRefused(message, port="brief")
