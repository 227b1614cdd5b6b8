"""The parameters of the training, as `params.yaml` gives them."""

from pathlib import Path
from typing import Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

PROJECT = Path(__file__).parent
PARAMS = PROJECT / "params.yaml"

Share = Field(gt=0, le=1)
Penalty = Field(gt=0)


class Section(BaseModel):
    """Settings that are all needed; a misspelt one is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Data(Section):
    """Where the music is."""

    source: str
    layout: Literal["shared", "clips", "gtzan", "fma", "folders"]
    least_clips: int = Field(ge=2)
    most_clips: int = Field(ge=0)

    @property
    def folder(self) -> Path:
        """The folder with the music."""
        return PROJECT / Path(self.source).expanduser()


class Features(Section):
    """How much of each clip is listened to."""

    excerpts_a_clip: int = Field(ge=1)
    noises: int = Field(ge=0)
    excerpts_a_spectrogram: int = Field(ge=1)
    excerpts_a_pair: int = Field(ge=1)


class Train(Section):
    """How the heads are fitted."""

    penalty: float = Penalty
    sight_penalty: float = Penalty
    translation_penalty: float = Penalty
    mood_penalty: float = Penalty
    trust_in_names: float = Field(ge=0)
    directions: int = Field(ge=1)
    seen_directions: int = Field(ge=1)
    steps: int = Field(ge=1)
    noise_weight: float = Field(ge=0)
    sure_accuracy: float = Share
    shares: tuple[float, ...]


class Export(Section):
    """What the model file says of itself."""

    shortest: float = Field(ge=0)


class Settings(Section):
    """All parameters."""

    data: Data
    features: Features
    train: Train
    export: Export


def read_settings(path: Path = PARAMS) -> Settings:
    """Read the parameters. Ends the program with all that is wrong with them."""
    try:
        return Settings.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except ValidationError as error:
        wrong = [f"  {'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors()]
        raise SystemExit(f"{path.name} is not right:\n" + "\n".join(wrong)) from error
    except FileNotFoundError as error:
        raise SystemExit(f"There is no {path}. `git checkout {path.name}` brings it back.") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise SystemExit(f"{path.name} is no YAML in UTF-8: {error}") from error
