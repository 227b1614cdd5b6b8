"""The scenes that can be painted, by the names of the shared vocabulary."""

from collections.abc import Callable

from halles_services.art_generator.scenes import (
    city,
    clouds,
    desert,
    forest,
    garden,
    mountains,
    road,
    room,
    sea,
    shapes,
    space,
    stage,
    street,
    underwater,
    waves,
)
from halles_services.art_generator.view import Scenery, View

SCENES: dict[str, Callable[[View], Scenery]] = {
    "mountains": mountains.paint,
    "sea": sea.paint,
    "city": city.paint,
    "street": street.paint,
    "forest": forest.paint,
    "desert": desert.paint,
    "space": space.paint,
    "road": road.paint,
    "room": room.paint,
    "stage": stage.paint,
    "waves": waves.paint,
    "shapes": shapes.paint,
    "underwater": underwater.paint,
    "garden": garden.paint,
    "clouds": clouds.paint,
}
"""What paints each scene."""
