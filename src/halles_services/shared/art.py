"""The painter's vocabulary: what a brief may ask for, and the words by which each thing is chosen by meaning.

Plain data, so that the direction of the art can be written without the painter and without his libraries.
"""

SCENES: dict[str, str] = {
    "mountains": "mountains, peaks, snow, a valley, a lake, distance, freedom, climbing, wilderness, awe",
    "sea": "the sea, ocean, waves, shore, horizon, tide, sailing, leaving, longing, drowning in memories",
    "city": "a city skyline at night, towers, lights, crowds, ambition, nightlife, rooftops, downtown",
    "street": "a street in the rain, neon, wet asphalt, cars, walking alone at night, loneliness, a date, trouble",
    "forest": "a forest, trees, woods, light through fog, roots, growing, hiding, secrets, fairy tale, peace",
    "desert": "a desert, sand dunes, heat, thirst, emptiness, wandering, endurance, the west, silence",
    "space": "outer space, planets, stars, nebula, universe, dreams, infinity, science fiction, weightless, future",
    "road": "a road to the horizon, highway, driving, travel, fields, going home, going away, youth, country life",
    "room": "a room with a window, home, bed, solitude, waiting, memory, intimacy, insomnia, staying inside",
    "stage": "a stage with beams of light, concert, dancing, party, crowd, club, fame, performance, celebration",
    "waves": "sound itself: lines that swing, rhythm, groove, pulse, hypnotic, minimal, electronic, meditation",
    "shapes": "abstract geometry: circles and arcs, jazz, play, construction, modern, ideas, order, improvisation",
    "underwater": "under water, deep sea, diving, sinking, drowning, rays of light from above, floating, calm, depth",
    "garden": "a meadow, flowers, grass, spring, summer, love, tenderness, childhood, nature, blossoming, butterflies",
    "clouds": "above the clouds, sky, heaven, flying, dreaming, angels, hope, lightness, loss, being high",
}
"""Kinds of scene, and what each of them stands for."""

LIGHTS: dict[str, str] = {
    "night": "night, moonlight, darkness, stars, sleep, mystery",
    "dusk": "dusk, sunset, evening, farewell, nostalgia, warmth",
    "dawn": "dawn, sunrise, morning, beginning, hope, tenderness",
    "day": "day, sunshine, noon, joy, clarity, energy",
    "storm": "storm, thunder, rain, anger, fear, drama",
    "mist": "mist, fog, haze, melancholy, doubt, quiet, memory",
}
"""Hours and weathers that light a scene."""

MEDIA: dict[str, str] = {
    "oil": "oil paint, canvas, warm brush strokes, romantic, classical, soul",
    "impasto": "thick expressive paint, swirling strokes, passion, turmoil, blues, folk",
    "watercolour": "watercolour, soft washes, delicate, tender, acoustic, dreamy",
    "pastel": "pastel chalk, soft grain, warm, gentle, indie, nostalgic",
    "ink": "brush and ink, dark contours, raw, dramatic, punk, gothic",
    "etching": "etching, fine scratched lines, antique, dark folk, metal, literary",
    "woodblock": "colour woodblock print, stylised, calm, traditional, poetic",
    "mosaic": "coloured glass and lead, sacred, ornamental, festive, psychedelic",
    "film": "analogue film photograph, grain, soft glow, intimate, cinematic, ambient, pop",
    "poster": "grainy gradients, minimal poster, modern, electronic, calm, lo-fi",
    "risograph": "risograph print, few bright inks, misregistered, indie, playful, summer",
    "halftone": "halftone dots, pop art, comics, energy, hip hop, rock",
    "papercut": "layers of cut paper with shadows, crafted, childlike, storytelling, bright",
    "linocut": "linocut, carved black and colour, bold, political, rock, roots",
}
"""Painted and printed looks."""
