"""The chart of activity, measured by its pixels."""

from __future__ import annotations

from datetime import date, timedelta
from io import BytesIO
from itertools import combinations, groupby

import pytest
from PIL import Image, ImageColor

from bot.charts import AMBER, GREEN, HEIGHT, RED, WIDTH, DayCounts, activity_png

COLOURS = (GREEN, AMBER, RED)
FIRST = date(2025, 11, 14)


def days(*counts: tuple[int, int, int]) -> list[DayCounts]:
    return [DayCounts(FIRST + timedelta(n), *count) for n, count in enumerate(counts)]


def picture(png: bytes) -> Image.Image:
    image = Image.open(BytesIO(png))
    assert image.format == "PNG"
    return image.convert("RGB")


def bars(image: Image.Image) -> list[tuple[int, ...]]:
    """The bars from left to right: how many pixels of each colour their middle column has."""
    columns = []
    for x in range(image.width):
        found = image.crop((x, 0, x + 1, image.height)).getcolors() or []
        counts = {colour: count for count, colour in found}
        columns.append(tuple(counts.get(ImageColor.getrgb(colour), 0) for colour in COLOURS))
    groups = (list(group) for coloured, group in groupby(columns, any) if coloured)
    return [group[len(group) // 2] for group in groups]


def luminance(colour: str) -> float:
    """The relative luminance of WCAG 2.2."""
    channels = [value / 255 for value in ImageColor.getrgb(colour)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return sum(c * weight for c, weight in zip(linear, (0.2126, 0.7152, 0.0722), strict=True))


@pytest.mark.parametrize("scale", [1, 2, 3])
def test_it_is_a_png_of_its_size(scale: int) -> None:
    image = picture(activity_png(days((3, 1, 2)), scale=scale))
    assert image.size == (WIDTH * scale, HEIGHT * scale)


def test_heights_are_in_proportion_and_days_run_from_the_left() -> None:
    counts = [(40, 10, 20), (10, 0, 5), (0, 20, 0), (0, 0, 70)]
    found = bars(picture(activity_png(days(*counts))))
    unit = found[0][0] / 40
    assert unit > 5
    for heights, numbers in zip(found, counts, strict=True):
        assert heights == pytest.approx([number * unit for number in numbers], abs=2)


def test_no_bar_leaves_the_picture() -> None:
    for most in (1, 5, 10, 99, 100, 101, 10**6):
        image = picture(activity_png(days((most, 0, 0), (0, 0, most))))
        below_the_top = image.crop((0, 0, image.width, 2 * 10))
        assert bars(below_the_top) == []
        assert len(bars(image)) == 2


@pytest.mark.parametrize("counts", [[], [(0, 0, 0)], [(0, 0, 0)] * 14])
def test_without_questions_there_is_a_grid_and_no_bar(counts: list[tuple[int, int, int]]) -> None:
    image = picture(activity_png(days(*counts)))
    assert bars(image) == []
    assert image.getextrema() != ((255, 255),) * 3


def test_a_single_question_is_no_busy_day() -> None:
    (bar,) = bars(picture(activity_png(days((1, 0, 0)))))
    assert 0 < sum(bar) < HEIGHT


def test_one_day_is_a_bar_of_modest_width_in_the_middle() -> None:
    image = picture(activity_png(days((9, 3, 4))))
    green = [
        x
        for x in range(image.width)
        if image.getpixel((x, image.height - 2 * 60)) == ImageColor.getrgb(GREEN)
    ]
    assert len(green) < image.width / 10
    assert abs(sum(green) / len(green) - image.width / 2) < image.width / 20


def test_huge_numbers_leave_room_for_the_bars() -> None:
    found = bars(picture(activity_png(days(*[(10**12, 10**11, 1)] * 14))))
    assert len(found) == 14
    for green, amber, red in found:
        assert green == pytest.approx(10 * amber, abs=10)
        assert red > 0  # one of a million millions is seen all the same


def test_many_days_are_narrow_bars() -> None:
    assert len(bars(picture(activity_png(days(*[(4, 1, 1)] * 120))))) == 120
    assert picture(activity_png(days(*[(4, 1, 1)] * 5000))).size == (2 * WIDTH, 2 * HEIGHT)


def test_the_colours_stand_out_from_white_and_differ_in_lightness() -> None:
    for colour in COLOURS:
        assert 1.05 / (luminance(colour) + 0.05) >= 3
    for one, other in combinations(COLOURS, 2):
        assert abs(luminance(one) ** (1 / 3) - luminance(other) ** (1 / 3)) >= 0.1


def test_the_same_days_give_the_same_picture() -> None:
    assert activity_png(days((1, 2, 3))) == activity_png(days((1, 2, 3)))
