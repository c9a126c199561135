"""The report in a real browser, without a network: verdicts, figures with captions, times, versions, ancestry."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser")
DRIVER = shutil.which("chromedriver")
MISSING = [name for name, path in (("chromium", BROWSER), ("chromedriver", DRIVER)) if path is None]
WHY = f"no {' and no '.join(MISSING)} (Debian: chromium, chromium-driver)"
pytestmark = pytest.mark.skipif(bool(MISSING), reason=WHY)


@pytest.fixture(scope="module")
def browser():
    selenium = pytest.importorskip("selenium.webdriver")
    options = selenium.ChromeOptions()
    options.binary_location = BROWSER
    for argument in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--window-size=1500,1600"):
        options.add_argument(argument)
    options.add_argument("--host-resolver-rules=MAP * ~NOTFOUND")  # nothing may come from the network
    # With the path of its driver, selenium looks for none to download.
    driver = selenium.Chrome(options=options, service=selenium.ChromeService(executable_path=DRIVER))
    driver.set_page_load_timeout(600)
    yield driver
    driver.quit()


@pytest.fixture
def page(browser, small):
    browser.get((small.results / "report.html").resolve().as_uri())
    wait(browser, lambda: "configuration" in body(browser))
    return browser


def wait(browser, condition) -> None:
    from selenium.webdriver.support.ui import WebDriverWait

    WebDriverWait(browser, 600).until(lambda _: condition())


def body(browser) -> str:
    return browser.find_element("tag name", "body").text


def click(browser, text: str) -> None:
    """Click the entry of the menu with this text."""
    found = browser.find_elements("xpath", f"//a[normalize-space(.) = '{text}']")
    assert found, f"no {text!r} in the report: {body(browser)[:800]}"
    found[0].click()


def screenshot(browser, folder: Path, name: str) -> None:
    path = folder / f"{name}.png"
    assert browser.save_screenshot(str(path))
    assert path.stat().st_size > 10_000, "a blank page"


def test_the_front_page(page, small, tmp_path: Path) -> None:
    text = body(page)
    assert "1 of 2 studies did not converge: mine." in text
    red = page.find_element("xpath", "//span[text()='NOT CONVERGED']")
    assert red.value_of_css_property("color") in ("rgba(192, 0, 0, 1)", "rgb(192, 0, 0)")
    for title in ("Verdicts", "Studies", "Data, beside this file", "Time and memory", "Versions"):
        assert title in text
    assert "peak memory of a job (MiB)" in text
    assert "not recorded" not in text
    assert "rashba_square: alpha = 0.5" in text
    assert "mine.py: build: strength = 0.4" in text
    for raw in ("``", "::", "|last", "{{", "provenance_parameters"):
        assert raw not in text, "source of the page shows through"
    links = [link.get_attribute("href") for link in page.find_elements("css selector", "table a")]
    assert len(links) >= 2 * 3 + 2 * 4
    for link in links:
        assert Path(link.removeprefix("file://")).is_file()
    screenshot(page, tmp_path, "front_page")


def test_the_front_page_can_be_read_from_its_top(page) -> None:
    """In a window lower than the page."""
    size = page.get_window_size()
    page.set_window_size(1200, 500)
    try:
        page.execute_script("document.querySelectorAll('.overflow-auto').forEach(box => box.scrollTop = 0)")
        assert page.find_element("css selector", ".unconverged").location["y"] >= 0
    finally:
        page.set_window_size(size["width"], size["height"])


def test_a_figure_with_its_caption_and_ancestry(page, tmp_path: Path) -> None:
    click(page, "Results")
    wait(page, lambda: "equilibrium_cancellation" in body(page))
    screenshot(page, tmp_path, "list")
    page.find_elements("css selector", "a[iconname='information-circle']")[-1].click()
    wait(page, lambda: "DESCRIPTION" in body(page).upper())
    text = body(page)
    assert "Spin Hall conductivity" in text
    assert "Studies: lattice." in text
    assert "Made from" in text
    assert "results/small/responses/lattice/32.nc" in text
    assert "figure=rashba_null" in text, "the parameters"
    assert "``" not in text
    screenshot(page, tmp_path, "ancestry")
    page.find_elements("css selector", "a[iconname='eye']")[-1].click()
    wait(page, lambda: [image for image in page.find_elements("tag name", "img") if image.size["width"] > 200])
    screenshot(page, tmp_path, "figure")
