"""Our services as announcements, and announcements as services of ours."""

import pytest

from halles.csia import media, tags, translate
from halles.csia.messages import Announcement, DataField
from halles.main import Market
from halles.model import PortSpec, ServiceSpec
from tests import shelf

FLAGSHIP = ["art-direction", "art-generator", "music-style", "speech-recognition", "text-analysis", "voice-extraction"]


def spec(*, inputs: tuple[PortSpec, ...] = (), outputs: tuple[PortSpec, ...] = ()) -> ServiceSpec:
    text = (PortSpec(name="text", media=("text/plain",)),)
    return ServiceSpec(
        slug="toy", version="1", name="Toy", summary="A toy.", licence="MIT", inputs=inputs or text,
        outputs=outputs or text,
    )  # fmt: skip


def field(name: str, *types: str, hint: object = None) -> DataField:
    return DataField(name=name, type=types or ("text/plain",), format_hint=hint)


def foreign(*inputs: DataField, slug: str = "image-blur") -> Announcement:
    return Announcement(
        name="Blur", slug=slug, summary="", url="http://x", docs_url="http://x/docs", data_in_fields=inputs,
        data_out_fields=(field("result", "image/png", "image/jpeg"),),
    )  # fmt: skip


@pytest.mark.parametrize("slug", FLAGSHIP)
def test_every_service_on_the_shelf_announces_only_what_the_engine_knows(slug: str) -> None:
    said = translate.announcement(Market().services.load(slug).spec, "http://host:9000/")
    kinds = {kind for each in (*said.data_in_fields, *said.data_out_fields) for kind in each.type}
    assert kinds <= set(media.TYPES)
    assert said.docs_url == "http://host:9000/docs" and said.url == "http://host:9000"
    assert said.tags and all(tags.ACRONYMS[tag.name] == tag.acronym for tag in said.tags)


@pytest.mark.parametrize("slug", FLAGSHIP)
def test_optional_inputs_come_last_so_that_a_pipeline_may_leave_them_out(slug: str) -> None:
    optional = [wire.port.optional for wire in translate.inputs(Market().services.load(slug).spec)]
    assert optional == sorted(optional)


def test_a_list_is_given_as_its_first_item_and_as_a_zip_of_all() -> None:
    wires = translate.outputs(spec(outputs=(PortSpec(name="covers", media=("image/png",), many=True),)))
    assert [(wire.field.name, wire.field.type, wire.part.value) for wire in wires] == [
        ("covers", ("image/png",), "first"), ("covers_all", ("application/zip",), "all"),
    ]  # fmt: skip


def test_the_zip_of_a_list_takes_no_other_ports_name() -> None:
    ports = (
        PortSpec(name="covers", media=("image/png",), many=True),
        PortSpec(name="covers_all", media=("text/plain",)),
    )
    assert [wire.field.name for wire in translate.outputs(spec(outputs=ports))] == [
        "covers",
        "covers_all_2",
        "covers_all",
    ]


def test_a_list_is_taken_as_one_value_or_as_a_zip() -> None:
    (wire,) = translate.inputs(spec(inputs=(PortSpec(name="texts", media=("text/plain",), many=True),)))
    assert wire.field.type == ("text/plain", "application/zip")


def test_a_service_without_known_tags_is_generic_and_claims_no_ai() -> None:
    said = translate.announcement(spec(), "http://host")
    assert [tag.acronym for tag in said.tags] == ["GNR"] and not said.has_ai


def test_our_own_announcement_gives_kinds_schemas_and_optional_inputs_back() -> None:
    ours = Market().services.load("art-direction").spec
    said = Announcement.model_validate_json(translate.announcement(ours, "http://host").model_dump_json())
    back = translate.specification(said)
    assert back.inputs == ours.inputs and back.outputs == ours.outputs


def test_a_foreign_service_has_a_port_a_field_in_order() -> None:
    read = translate.specification(foreign(field("image", "image/png"), field("areas", "application/json")))
    assert [(port.name, port.media) for port in read.inputs] == [
        ("image", ("image/png",)),
        ("areas", ("application/json",)),
    ]
    assert read.version == translate.UNKNOWN


def test_names_of_fields_that_are_no_names_of_ports_are_kept_beside_them() -> None:
    fields = [field(name) for name in ("Image 1", "image-1", "3D model", "ünï", "§")]
    ports = translate.port_names(fields)
    assert list(ports.values()) == [each.name for each in fields]
    assert list(ports) == ["image_1", "image_1_2", "field_3d_model", "n", "field"]


def test_a_hint_of_somebody_else_is_no_harm() -> None:
    hints = ["free text", ["a"], {"kind": 3, "schema": "no", "optional": "yes"}, {"kind": "x;y/z"}]
    read = translate.specification(foreign(*(field(f"f{i}", hint=hint) for i, hint in enumerate(hints))))
    assert [(port.media, port.optional, port.json_schema) for port in read.inputs] == [
        (("text/plain",), False, None)
    ] * 4


def test_fields_that_change_make_another_service() -> None:
    one, other = (translate.specification(foreign(field(name))) for name in ("a", "b"))
    assert one.identity != other.identity


@pytest.mark.parametrize(("theirs", "ours"), [("image-blur", "image-blur"), ("YOLO_v8", "yolo-v8")])
def test_slugs_stay_where_they_can(theirs: str, ours: str) -> None:
    assert translate.slug(theirs) == ours


def test_a_slug_without_a_letter_is_named_after_itself() -> None:
    assert translate.slug("§§") == translate.slug("§§") != translate.slug("§")


def test_a_service_without_outputs_is_refused() -> None:
    with pytest.raises(ValueError, match="announces no outputs"):
        translate.specification(foreign().model_copy(update={"data_out_fields": ()}))


def test_a_toy_is_described_by_its_docstring() -> None:
    said = translate.announcement(shelf.shout.spec, "http://host")
    assert said.summary == "Say it louder." and "Version 1.0, licence Apache-2.0" in str(said.description)
