"""What administrators see of telemetry: the demo's live page, and the notice before anything leaves."""

import aiohttp
import pytest
from playwright.async_api import Browser, expect
from pydantic import SecretStr

from plugin.settings import Settings
from telemetry.testing import FakeCollector
from tests.browser.conftest import Window
from tests.browser.test_walk import Screenshot
from tests.people import API, log_in, until

pytestmark = pytest.mark.browser


@pytest.fixture
def settings(request: pytest.FixtureRequest) -> Settings:
    """For a test that wants the collector: somewhere to send to, and nobody has decided."""
    if "collector" not in request.fixturenames:
        return Settings()
    collector = request.getfixturevalue("collector")
    return Settings(rudder_data_plane_url=collector.url, rudder_write_key=SecretStr("k"))


async def test_each_click_appears_as_the_event_that_it_would_send(
    window: Window, browser: Browser, address: str, screenshot: Screenshot
) -> None:
    context = await browser.new_context(viewport={"width": 900, "height": 900})
    live = await context.new_page()
    await live.goto(f"{address}/telemetry")
    await expect(live.locator("#total")).to_have_text("2")  # the seeded playbooks
    alice = await window("alice")
    await expect(alice.get_by_role("link", name="What telemetry would send")).to_have_attribute("href", "/telemetry")
    await alice.get_by_label("Message").fill("/incident start")
    await alice.get_by_label("Message").press("Enter")
    dialog = alice.get_by_role("dialog")
    await dialog.get_by_label("Playbook").select_option(label="Service outage")
    await dialog.get_by_label("Incident name").fill("Nobody reads this outside")
    await dialog.get_by_role("button", name="Start incident").click()
    first = live.locator("li").first
    await expect(first).to_contain_text("incident / create")
    await alice.get_by_test_id("incident-rhs").get_by_role("checkbox").first.click()
    await expect(first).to_contain_text("tasks / modify_task_state")
    await expect(first).to_contain_text('"done"')
    await expect(live.locator("body")).not_to_contain_text("Nobody reads")
    await screenshot(live, "10-telemetry-live")
    await live.get_by_role("button", name="Clear").click()
    await expect(live.locator("#empty")).to_be_visible()


async def test_an_administrator_is_asked_before_anything_leaves(
    window: Window, http: aiohttp.ClientSession, address: str, collector: FakeCollector, screenshot: Screenshot
) -> None:
    """Nobody else is; being shown starts the hour; a click decides."""
    alice = await window("alice")
    await alice.get_by_label("Incidents").click()
    await expect(alice.get_by_test_id("incident-rhs")).to_be_visible()
    await expect(alice.get_by_test_id("telemetry-notice")).to_have_count(0)
    sysadmin = await window("sysadmin", width=1200, height=800)
    await sysadmin.get_by_label("Incidents").click()
    await expect(sysadmin.get_by_test_id("telemetry-notice")).to_be_visible()
    await screenshot(sysadmin, "11-telemetry-notice")
    asked = await log_in(http, address, "sysadmin")

    status = await asked.get(f"{API}/telemetry")
    assert (status["level"], status["undecided"]) == ("off", True)
    assert status["notice"]["counts_from"] == status["notice"]["seen_at"] + 3_600_000 > 3_600_000
    assert collector.requests == []
    await sysadmin.get_by_role("button", name="usage and each change").click()
    await expect(sysadmin.get_by_role("status")).to_contain_text("Telemetry: usage")
    status = await asked.get(f"{API}/telemetry")
    assert (status["level"], status["decided_by"]) == ("usage", "administrator")


async def test_the_notice_is_a_direct_message_too(
    window: Window, http: aiohttp.ClientSession, address: str, collector: FakeCollector, screenshot: Screenshot
) -> None:
    """Reading it begins the hour."""
    asked = await log_in(http, address, "sysadmin")
    bot = (await asked.get("/api/v4/users/username/incident"))["id"]
    direct = await asked.post("/api/v4/channels/direct", [asked.id, bot])
    await asked.until_posted(direct["id"], lambda post: "What may Incident Response count" in post["message"])
    sysadmin = await window("sysadmin", width=1200, height=800)
    await sysadmin.get_by_label("Channels").get_by_role("button", name="incident").click()
    await expect(sysadmin.get_by_role("heading", name="incident", exact=True)).to_be_visible()
    await expect(sysadmin.get_by_text("/incident telemetry preview")).to_be_visible()
    await screenshot(sysadmin, "12-telemetry-direct-message")

    async def seen() -> bool:
        return bool((await asked.get(f"{API}/telemetry"))["notice"]["seen_at"])

    await until(seen, patience_s=30)
    assert collector.requests == []
