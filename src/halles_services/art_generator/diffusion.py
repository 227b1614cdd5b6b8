"""Covers by a text-to-image model of the hub or of a local folder, in place of the painter."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from halles.sdk import Context, Image, InputRefused, say
from halles_services.kinds import Idea

if TYPE_CHECKING:
    import PIL.Image

DEFAULT_MODEL = "stabilityai/sd-turbo"
UNWANTED = "text, letters, logo, watermark, signature, frame, blurry"


class Manner(NamedTuple):
    """How a family of models wants to be asked."""

    steps: int
    guidance: float


# Distilled models paint in a few steps and without guidance; their authors give these values. First match wins.
_MANNERS = (
    ("sdxs", Manner(1, 0.0)),
    ("turbo", Manner(2, 0.0)),
    ("schnell", Manner(4, 0.0)),
    ("lightning", Manner(4, 0.0)),
    ("hyper", Manner(4, 0.0)),
    ("lcm", Manner(6, 1.0)),
    ("flux", Manner(28, 3.5)),
    ("stable-diffusion-3", Manner(28, 4.5)),
)
_USUAL = Manner(30, 7.0)


def paint(ideas: Sequence[Idea], *, model: str, size: int, seed: int, context: Context) -> list[Image]:
    """Return one picture of `size` × `size` pixels for each idea, by its prompt.

    `model` is a hub id or a folder that diffusers can load; empty for SD-Turbo. The same model, prompt and seed give
    the same picture on the same machine. Raises InputRefused where the extra `diffusion` is not installed, or the
    model cannot be had.
    """
    pipeline = _pipeline(model or DEFAULT_MODEL)
    manner = manner_of(model or DEFAULT_MODEL)
    pictures = []
    for number, idea in enumerate(ideas):
        context.progress(number / len(ideas), say("painting by {model}", model=model or DEFAULT_MODEL))
        drawn = _draw(pipeline, idea.prompt, manner, _seed(seed, number), _Steps(context, number, len(ideas), manner))
        pictures.append(_square(drawn, size))
    return pictures


def manner_of(model: str) -> Manner:
    """The steps and the guidance for a model, by its name."""
    name = Path(model).name.casefold()
    return next((manner for part, manner in _MANNERS if part in name), _USUAL)


class _Steps:
    """Tells progress after each step of a picture, and stops when the run was cancelled."""

    def __init__(self, context: Context, number: int, count: int, manner: Manner) -> None:
        self.context, self.number, self.count, self.steps = context, number, count, manner.steps

    def __call__(self, pipeline: Any, step: int, timestep: Any, values: dict[str, Any]) -> dict[str, Any]:
        share = (step + 1) / self.steps
        self.context.progress(
            (self.number + share) / self.count,
            say("picture {picture}, step {step}", picture=self.number + 1, step=step + 1),
        )
        return values


def _draw(pipeline: Any, prompt: str, manner: Manner, seed: int, steps: _Steps) -> PIL.Image.Image:
    import torch

    options: dict[str, Any] = {"num_inference_steps": manner.steps, "guidance_scale": manner.guidance}
    if manner.guidance > 1 and "negative_prompt" in _accepted(pipeline):
        options["negative_prompt"] = UNWANTED
    if "callback_on_step_end" in _accepted(pipeline):
        options["callback_on_step_end"] = steps
    # The noise comes from the processor, so that a seed means the same picture on every device (but for rounding).
    noise = torch.Generator("cpu").manual_seed(seed)
    picture: PIL.Image.Image = pipeline(prompt, generator=noise, **options).images[0]
    return picture


def _accepted(pipeline: Any) -> set[str]:
    import inspect

    return set(inspect.signature(pipeline.__call__).parameters)


@lru_cache(maxsize=1)
def _pipeline(model: str) -> Any:
    """The model on the fastest device, kept for the next run; from safetensors only, because pickles run code."""
    try:
        import torch
        import transformers  # noqa: F401 — diffusers imports it late, with a message that names no extra
        from diffusers import AutoPipelineForText2Image
    except ImportError as error:
        raise InputRefused(
            "Painting by diffusion needs more packages: pip install 'halles[diffusion]'. "
            "Without them choose `backend: scene`.",
            port="backend",
        ) from error
    device = _device()
    try:
        loaded = AutoPipelineForText2Image.from_pretrained(
            model, torch_dtype=torch.float16 if device == "cuda" else torch.float32, use_safetensors=True
        )
    except (OSError, ValueError) as error:
        reason = str(error).strip().split("\n")[0]
        raise InputRefused(
            say(
                "The text-to-image model `{model}` cannot be loaded: {reason} Give a folder that "
                "diffusers saved, or a hub id such as `{default}` with the hub in reach.",
                model=model,
                reason=reason,
                default=DEFAULT_MODEL,
            ),
            port="model",
        ) from error
    loaded.set_progress_bar_config(disable=True)
    return loaded.to(device)


def _device() -> str:
    import torch

    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def _seed(seed: int, number: int) -> int:
    """Another noise for each picture of a run."""
    return (seed * 1_000_003 + number) % 2**63


def _square(picture: PIL.Image.Image, size: int) -> Image:
    """The middle of a picture at the size that was asked for."""
    import numpy as np
    from PIL import Image as Pillow
    from PIL import ImageOps

    return Image.from_array(np.asarray(ImageOps.fit(picture.convert("RGB"), (size, size), Pillow.Resampling.LANCZOS)))
