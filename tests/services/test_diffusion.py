"""Covers by a text-to-image model: a tiny one with random weights, made here and loaded as a user's own folder is."""

import importlib.util
import json
from pathlib import Path

import numpy as np
import pytest

from halles.sdk import Cancelled, Context, InputRefused
from halles_services.art_generator import diffusion
from halles_services.kinds import Idea

PALETTE = ("#0b1026", "#24305e", "#a8556a", "#f2b880", "#fff1d6")
needs_diffusers = pytest.mark.skipif(
    any(importlib.util.find_spec(name) is None for name in ("diffusers", "torch", "transformers")),
    reason="the extra `diffusion` is not installed (pip install 'halles[diffusion]')",
)


def idea(prompt: str) -> Idea:
    return Idea(scene="sea", subject="boat", light="night", palette=PALETTE, medium="oil", prompt=prompt)


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Stable Diffusion pipeline of a few thousand random weights, saved as diffusers saves one."""
    import torch
    from diffusers import AutoencoderKL, DDIMScheduler, StableDiffusionPipeline, UNet2DConditionModel
    from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("models")
    letters = [chr(code) for code in range(ord("a"), ord("z") + 1)]
    words = ["<|startoftext|>", "<|endoftext|>", *letters, *(f"{letter}</w>" for letter in letters)]
    (folder / "vocab.json").write_text(json.dumps({word: number for number, word in enumerate(words)}))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    text = CLIPTextConfig(
        vocab_size=len(words), hidden_size=16, intermediate_size=16, num_hidden_layers=1, num_attention_heads=2,
        bos_token_id=0, eos_token_id=1, pad_token_id=1,
    )  # fmt: skip
    unet = UNet2DConditionModel(
        sample_size=8, in_channels=4, out_channels=4, block_out_channels=(8, 16), layers_per_block=1, norm_num_groups=4,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"), up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        cross_attention_dim=16, attention_head_dim=4,
    )  # fmt: skip
    vae = AutoencoderKL(
        block_out_channels=(8, 8), down_block_types=("DownEncoderBlock2D",) * 2, up_block_types=("UpDecoderBlock2D",) * 2,
        latent_channels=4, norm_num_groups=4,
    )  # fmt: skip
    tokenizer = CLIPTokenizer(str(folder / "vocab.json"), str(folder / "merges.txt"), model_max_length=77)
    pipeline = StableDiffusionPipeline(
        vae=vae, text_encoder=CLIPTextModel(text), tokenizer=tokenizer, unet=unet, scheduler=DDIMScheduler(steps_offset=1, clip_sample=False),
        safety_checker=None, feature_extractor=None, requires_safety_checker=False,
    )  # fmt: skip
    pipeline.save_pretrained(folder / "tiny-turbo")
    return folder / "tiny-turbo"


def painted(model: Path, *prompts: str, seed: int = 0, context: Context | None = None) -> list[np.ndarray]:
    ideas = [idea(prompt) for prompt in prompts]
    covers = diffusion.paint(ideas, model=str(model), size=64, seed=seed, context=context or Context())
    return [cover.array() for cover in covers]


@needs_diffusers
def test_a_local_model_paints_one_cover_an_idea_at_the_size_asked_for(tiny_model: Path) -> None:
    covers = painted(tiny_model, "a boat", "a tower")
    assert [cover.shape for cover in covers] == [(64, 64, 3), (64, 64, 3)]
    assert not np.array_equal(*covers)


@needs_diffusers
def test_the_same_seed_paints_the_same_and_another_seed_another_picture(tiny_model: Path) -> None:
    (first,), (again,), (other,) = (painted(tiny_model, "a boat", seed=seed) for seed in (7, 7, 8))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


@needs_diffusers
def test_the_prompt_matters(tiny_model: Path) -> None:
    assert not np.array_equal(painted(tiny_model, "a boat")[0], painted(tiny_model, "zzz")[0])


@needs_diffusers
def test_a_cancelled_run_stops_between_steps(tiny_model: Path) -> None:
    asked = iter([False, True])
    with pytest.raises(Cancelled):
        painted(tiny_model, "a boat", context=Context(cancelled=lambda: next(asked, True)))


@needs_diffusers
def test_a_folder_that_is_no_model_is_refused_and_named(tmp_path: Path) -> None:
    with pytest.raises(InputRefused, match=str(tmp_path)):
        painted(tmp_path, "a boat")


@needs_diffusers
def test_weights_as_pickles_are_refused(tiny_model: Path, tmp_path: Path) -> None:
    import shutil

    import torch

    copy = tmp_path / "tiny-turbo"
    shutil.copytree(tiny_model, copy)
    (copy / "unet" / "diffusion_pytorch_model.safetensors").unlink()
    torch.save({}, copy / "unet" / "diffusion_pytorch_model.bin")
    with pytest.raises(InputRefused, match="cannot be loaded"):
        painted(copy, "a boat")


def test_without_the_extra_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "diffusers", None)
    with pytest.raises(InputRefused, match=r"pip install 'halles\[diffusion\]'"):
        painted(Path("some/model"), "a boat")


@pytest.mark.parametrize(
    ("model", "steps", "guided"),
    [
        ("stabilityai/sd-turbo", 2, False),
        ("black-forest-labs/FLUX.1-schnell", 4, False),
        ("black-forest-labs/FLUX.1-dev", 28, True),
        ("stable-diffusion-v1-5/stable-diffusion-v1-5", 30, True),
    ],
)
def test_each_family_is_asked_in_its_own_manner(model: str, steps: int, guided: bool) -> None:
    manner = diffusion.manner_of(model)
    assert (manner.steps, manner.guidance > 1) == (steps, guided)
