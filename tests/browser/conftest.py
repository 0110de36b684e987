"""Chromium, headless; a window is a browser context of its own, with its own session."""

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, async_playwright

from plugin.demo import WEB

OUTPUT = Path(__file__).parents[2] / "test-output"

Window = Callable[..., Awaitable[Page]]


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if not chromium:
        pytest.skip("no Chromium on this machine: `make test` installs Debian's where it may")
    if not (WEB / "page" / "index.html").exists():
        pytest.fail("the chat page has not been built: run `make web`")
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(
            executable_path=chromium,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"],
        )
        yield launched
        await launched.close()


@pytest.fixture
async def window(browser: Browser, address: str) -> AsyncIterator[Window]:
    """Open a window in which that person is signed in; errors of the page fail the test."""
    problems: list[str] = []

    async def open_window(name: str, *, width: int = 1360, height: int = 860) -> Page:
        context = await browser.new_context(viewport={"width": width, "height": height})
        page = await context.new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        await page.goto(address)
        await page.get_by_test_id(f"login-{name}").click()
        await page.get_by_label("Message").wait_for()
        return page

    yield open_window
    assert not problems


@pytest.fixture
def screenshot() -> Callable[[Page, str], Awaitable[None]]:
    """Keep a picture of a window in test-output/."""

    async def take(page: Page, name: str) -> None:
        OUTPUT.mkdir(exist_ok=True)
        await page.screenshot(path=OUTPUT / f"{name}.png")

    return take
