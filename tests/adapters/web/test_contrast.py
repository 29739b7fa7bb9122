"""The colours of clerk.css, computed: WCAG 2.2 AA, light and dark, for every pair that is used."""

import re

import pytest

from adapters.web.assets import FOLDER

CSS = (FOLDER / "clerk.css").read_text()
ROOTS = re.findall(r":root \{(.*?)\}", CSS, re.DOTALL)
LIGHT, DARK = (dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", block)) for block in ROOTS[:2])

TEXT = [
    ("ink", ("paper", "surface", "wash", "safety-wash", "waiting-wash", "good-wash", "bad-wash")),
    ("quiet", ("paper", "surface")),
    ("accent", ("paper", "surface", "wash", "safety-wash", "waiting-wash")),
    ("accent-hover", ("paper", "surface", "wash", "safety-wash", "waiting-wash")),
    ("on-accent", ("accent", "accent-hover")),
    ("safety", ("safety-wash", "surface")),
    ("waiting", ("waiting-wash", "surface", "paper", "safety-wash")),
    ("good", ("good-wash", "surface")),
    ("bad", ("bad-wash", "surface")),
    ("paper", ("ink",)),
]
SHAPES = [
    ("edge", ("paper", "surface")),
    ("focus", ("paper", "surface", "wash", "safety-wash", "waiting-wash", "bad-wash", "good-wash")),
    ("accent", ("paper", "surface")),
    ("safety", ("paper", "surface")),
    ("bad", ("surface", "paper")),
]
PAIRS = [(one, other, 4.5) for one, others in TEXT for other in others] + [
    (one, other, 3.0) for one, others in SHAPES for other in others
]


def luminance(colour: str) -> float:
    """Relative luminance of `#rrggbb`, as WCAG defines it."""
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Between 1 (the same) and 21 (black on white)."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_the_measure_itself() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize(("one", "other", "least"), PAIRS)
@pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
def test_contrast(scheme: dict[str, str], one: str, other: str, least: float) -> None:
    assert contrast(scheme[one], scheme[other]) >= least


def test_dark_sets_every_colour_and_there_are_no_others() -> None:
    assert LIGHT.keys() == DARK.keys()
    body = CSS[CSS.index("*, *::before") : CSS.index("@media print")]
    assert re.findall(r"#[0-9a-f]{3,8}\b(?=[;\s])", body) == []


def test_nothing_comes_from_another_host() -> None:
    for path in FOLDER.iterdir():
        addresses = re.findall(r"https?://[^\s\"')]+", path.read_text())
        assert [address for address in addresses if address != "http://www.w3.org/2000/svg"] == []
