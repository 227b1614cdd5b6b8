"""Trained models: versions, which of them serves, and the gate before production."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from pydantic import Field, StrictBool, StringConstraints

from halles.api.access import MarketDep, Operator, Viewer
from halles.api.identity import Asked
from halles.api.problems import refusals
from halles.main import Market
from halles.model import AliasChange, DriftReport, GateReport, Model, ModelVersion, Principal, Standing
from halles.registry.models import ModelDifference
from halles.registry.store import CARD, PARAMS

router = APIRouter(prefix="/models", tags=["models"])

Name = Annotated[str, Path(max_length=200, description="name of the model")]
Number = Annotated[int, Path(ge=1, le=2**31 - 1, description="number of the version")]
Chosen = Query(ge=1, le=2**31 - 1)
Reason = Annotated[str, StringConstraints(max_length=500)]


class TrainedModel(Model):
    """A model, and what stands."""

    model: str
    standing: Standing
    revision: int = Field(description="of the aliases; give it as `seen` so that nobody's change is overlooked")
    service: str | None = Field(description="the service here that uses it")
    serving: str = Field(description="the version that this process answers with now")


class TrainedModels(Model):
    """All models, by name."""

    items: tuple[TrainedModel, ...]


class TrainedModelDetail(TrainedModel):
    """A model with its versions, the newest first."""

    versions: tuple[ModelVersion, ...]
    before: int | None = Field(description="what a rollback brings back, 0: the service's own; null: nothing")


class ModelVersionDetail(Model):
    """A version with its texts."""

    version: ModelVersion
    card: str = Field(description="Markdown")
    params: str = Field(description="the parameters of the training")


class AliasChanges(Model):
    """How the aliases of a model moved, the newest move first."""

    items: tuple[AliasChange, ...]


class Promotion(Asked):
    """Which version is to serve."""

    version: int | None = Field(default=None, ge=1, le=2**31 - 1, description="null: the candidate")
    force: StrictBool = Field(default=False, description="even if the gate refuses it; needs a reason")
    reason: Reason = ""
    seen: int | None = Field(default=None, ge=0, description="`revision` that this was decided by")


class ModelRollback(Asked):
    """Why the version before is to serve again."""

    reason: Reason = ""
    seen: int | None = Field(default=None, ge=0, description="`revision` that this was decided by")


@router.get("", summary="List the models")
def models(market: MarketDep, _: Viewer) -> TrainedModels:
    """Those that services here use, and those in the registry."""
    return TrainedModels(items=tuple(_model(market, name) for name in market.models.names()))


@router.get("/{model}", summary="Show a model", responses=refusals(404))
def model(market: MarketDep, _: Viewer, model: Name) -> TrainedModelDetail:
    """Its versions, with figures and hashes."""
    name = market.models.known(model)
    versions = tuple(reversed(market.models.registry.versions(name)))
    known = dict(_model(market, name))
    return TrainedModelDetail(**known, versions=versions, before=market.models.before(name))


@router.get("/{model}/versions/{number}", summary="Show a version of a model", responses=refusals(404))
def version(market: MarketDep, _: Viewer, model: Name, number: Number) -> ModelVersionDetail:
    """Its card and the parameters of its training."""
    registry = market.models.registry
    found = registry.version(market.models.known(model), number)
    return ModelVersionDetail(version=found, card=registry.text(found, CARD), params=registry.text(found, PARAMS))


@router.get("/{model}/history", summary="How the aliases of a model moved", responses=refusals(404))
def history(market: MarketDep, _: Viewer, model: Name) -> AliasChanges:
    """Who moved which alias, when, from what to what, and why."""
    return AliasChanges(items=tuple(reversed(market.models.registry.changes(market.models.known(model)))))


@router.get("/{model}/diff", summary="Compare two versions of a model", responses=refusals(404))
def compare(
    market: MarketDep, _: Viewer, model: Name, old: Annotated[int, Chosen], new: Annotated[int, Chosen]
) -> ModelDifference:
    """Figures, what they were made from, and what the gate would say of the new one in the place of the old one."""
    return market.models.diff(market.models.known(model), old, new)


@router.get("/{model}/gate", summary="What the gate says of a version", responses=refusals(404))
def gate(market: MarketDep, _: Viewer, model: Name, version: Annotated[int, Chosen]) -> GateReport:
    """The version beside the one in production: a paired test, each class, calibration, speed and size."""
    return market.models.gate(market.models.known(model), version)


@router.get("/{model}/drift", summary="How far a model has drifted from its training", responses=refusals(404))
def drift(market: MarketDep, _: Viewer, model: Name, version: Annotated[int | None, Chosen] = None) -> DriftReport:
    """What the version in production, or another one, is asked and answers, beside what it was trained on."""
    return market.drift(market.models.known(model), version)


@router.post("/{model}/promote", summary="Put a version into production", responses=refusals(404, 409))
def promote(market: MarketDep, who: Operator, model: Name, asked: Promotion) -> AliasChange:
    """Services follow without a restart. Refused (409) with all reasons when the gate does not let it through."""
    return market.models.promote(
        market.models.known(model), asked.version, who=_name(who), why=asked.reason, force=asked.force, seen=asked.seen
    )


@router.post("/{model}/rollback", summary="Put the version before back into production", responses=refusals(404, 409))
def rollback(market: MarketDep, who: Operator, model: Name, asked: ModelRollback) -> AliasChange:
    """Services follow without a restart."""
    return market.models.rollback(market.models.known(model), who=_name(who), why=asked.reason, seen=asked.seen)


def _model(market: Market, name: str) -> TrainedModel:
    last = market.models.registry.last_change(name)
    user = next((each for each in market.models.users() if each.model == name), None)
    return TrainedModel(
        model=name, standing=last.after if last else Standing(), revision=last.number if last else 0,
        service=user.service if user else None, serving=user.serving if user else "",
    )  # fmt: skip


def _name(who: Principal) -> str:
    return who.name or who.id
