"""The page in headless Chromium: on a desk, on a phone, on paper; nothing loaded, nothing broken."""

import os
import shutil
import threading
from contextlib import closing, suppress
from pathlib import Path

import pytest
from page_report import ALL, NEGATIVE, POSITIVE, REPORT, by_month
from werkzeug.serving import make_server

from fhir_registry.edges.app import create_app
from fhir_registry.edges.config import Config
from fhir_registry.examples import REGISTRIES, Example
from fhir_registry.fhir.json import dumps, parse
from fhir_registry.ops import ingest

WIDTHS = (1280, 390)
NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
MEASURES = {
    "halaven": ("halaven-dcr", "halaven-adverse-events"),
    "faslodex": ("faslodex-injections", "faslodex-prior-therapies", "faslodex-discontinuation"),
    "lipusu-her2": ("lipusu-her2-os", "lipusu-her2-pfs", "lipusu-her2-ttp", "lipusu-her2-ttf"),
}


@pytest.fixture(scope="module")
def browser():
    if not required():
        pytest.importorskip("playwright")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
        path = next(filter(None, map(shutil.which, NAMES)), own if Path(own).exists() else None)
        if path is None:
            message = "no Chromium found; install the package chromium, or run: playwright install --with-deps chromium"
            pytest.fail(message) if required() else pytest.skip(message)
        sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []  # Chromium refuses to be root within one
        browser = playwright.chromium.launch(executable_path=path, args=sandbox)
        yield browser
        browser.close()


def required():
    """Whether the absence of a browser is a failure, as in continuous integration."""
    return bool(os.environ.get("FHIR_REGISTRY_REQUIRE_CASES"))


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    """The base URL of a server with one report made by hand, and the made-up patients of all registries."""
    settings = {"DATA_DIR": str(tmp_path_factory.mktemp("data")), "SMALL_CELL": "0"}
    app = create_app(Config.from_env({f"FHIR_REGISTRY_{name}": value for name, value in settings.items()}))
    registry = app.extensions["fhir_registry"]
    for name in REGISTRIES:
        for bundle in Example(name, 40, seed=20).bundles():
            ingest.bundle(registry, 1, parse(dumps(bundle)), "https://server.example/fhir")
    ingest.update(registry, 1, "MeasureReport", "os", parse(dumps(REPORT)))
    server = make_server("127.0.0.1", 0, app)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/fhir"
    server.shutdown()
    thread.join()
    server.server_close()
    registry.close()


@pytest.fixture
def visit(browser, base):
    """A function (path, width) -> page; whatever goes wrong in it, or goes anywhere else, fails the test."""
    contexts, wrong = [], []

    def open_page(path, width):
        context = browser.new_context(viewport={"width": width, "height": 900})
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: wrong.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: wrong.append(f"error: {error}"))
        page.on("request", lambda request: None if is_own(request.url) else wrong.append(f"request: {request.url}"))
        response = page.goto(f"{base}/{path}")
        assert response.ok and response.headers["content-type"].startswith("text/html"), response.text()[:500]
        return page

    def is_own(url):
        return url.startswith((base, "data:"))

    yield open_page
    for context in contexts:
        context.close()
    assert wrong == []


def width_of(page):
    return page.evaluate("document.documentElement.scrollWidth")


@pytest.mark.parametrize("width", WIDTHS)
def test_curves_are_drawn_step_by_step(visit, width):
    page = visit("MeasureReport/os", width)
    assert width_of(page) == width
    paths = [path.get_attribute("d") for path in page.locator(".plot path.line").all()]
    ends = (ALL, POSITIVE, NEGATIVE)
    assert [path.count("V") for path in paths] == [sum(events > 0 for _, events, _ in each) for each in ends]
    for path, band in zip(page.locator(".plot path.line").all(), page.locator(".plot path.band").all(), strict=True):
        assert path.bounding_box()["width"] > width / 8 and band.bounding_box()["height"] > 20


@pytest.mark.parametrize("width", WIDTHS)
def test_numbers_at_risk_stand_below_their_months(visit, width):
    page = visit("MeasureReport/os", width)
    table = page.locator("table.risk").first
    months = [int(cell) for cell in table.locator("thead th").all_inner_texts()[1:]]
    assert months == [0, 12, 24, 36, 48, 60]
    data = by_month(ALL)
    assert table.locator("td").all_inner_texts() == [str(data[4 * month + 3]) for month in months]
    # The ticks of the axis and the columns of the table are at the same places.
    ticks = [tick.bounding_box()["x"] for tick in page.locator("figure").first.locator("line.tick").all()]
    middles = [(box := cell.bounding_box())["x"] + box["width"] / 2 for cell in table.locator("thead th").all()[1:]]
    assert ticks == pytest.approx(middles, abs=1.5)


@pytest.mark.parametrize("width", WIDTHS)
def test_what_a_reader_needs_is_there(visit, width):
    text = visit("MeasureReport/os", width).locator("body").inner_text()
    for words in (
        "Overall survival over five years",
        "2025-06-30",
        "not reached (> 60.00 months)",
        "12 in the initial population",
        "suppressed not HER2-positive",
        "0.46 (95% CI 0.05 to 4.40)",
        "log-rank p = 0.5123",
        "Nausea (Gastrointestinal disorders)",
        "Small numbers are suppressed",
        "Intercurrent events",
        "MeasureReport/os, version 1",
    ):
        assert words in text


def test_it_prints(visit):
    paper = visit("MeasureReport/os", 1280).pdf(prefer_css_page_size=True)
    assert paper.startswith(b"%PDF") and len(paper) > 20_000


def test_marks_of_subgroups_stand_where_their_numbers_are(visit):
    """The hazard ratio 0.4567 lies left of the line at 1, on a logarithmic scale whose ticks say where."""
    page = visit("MeasureReport/os", 1280)
    table = page.locator("table.subgroups").first
    at = {row.locator("th").inner_text(): row.locator("circle") for row in table.locator("tbody tr").all()}
    reference, positive = (at[name].bounding_box()["x"] for name in ("negative", "positive"))
    assert positive < reference and at["missing"].count() == 0
    scale = table.locator("tfoot text").all_text_contents()
    assert scale == ["0.05", "0.1", "0.2", "0.5", "1", "2", "5"]


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(
    ("registry", "measure"), [(name, measure) for name, measures in MEASURES.items() for measure in measures]
)
def test_every_measure_fits_every_screen(visit, registry, measure, width):
    end = Example(registry, 1, seed=20).truth()["periodEnd"]
    page = visit(f"Measure/{measure}/$evaluate-measure?periodEnd={end}", width)
    assert width_of(page) == width
    text = page.locator("body").inner_text()
    assert "Key figures" in text and "All statistics" in text and "analysed" in text
    if registry == "lipusu-her2":
        assert page.locator("figure.whole path.line").count() >= 1


def test_a_table_is_saved_by_a_browser(browser, base, tmp_path):
    with closing(browser.new_context()) as context:
        page = context.new_page()
        with page.expect_download() as saved, suppress(Exception):  # goto fails where a download begins
            page.goto(f"{base}/ResearchStudy/halaven/$table?table=adsl")
        saved.value.save_as(tmp_path / "adsl.csv")
    assert (tmp_path / "adsl.csv").read_bytes().startswith(b"STUDYID,")
