"""The main job as people see it: two windows, and a phone."""

import re
from collections.abc import Awaitable, Callable

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Window

pytestmark = pytest.mark.browser

Screenshot = Callable[[Page, str], Awaitable[None]]


async def test_an_incident_from_start_to_end_in_two_windows(window: Window, screenshot: Screenshot) -> None:
    """Alice starts and ends it, Bob follows and ticks; each sees at once what the other does."""
    alice, bob = await window("alice"), await window("bob")
    await alice.get_by_label("Message").fill("/inc")
    await expect(alice.get_by_role("listbox")).to_contain_text("/incident")
    await alice.get_by_label("Message").fill("/incident ")
    await expect(alice.get_by_role("option")).to_have_count(12)
    await screenshot(alice, "1-autocomplete")

    await alice.get_by_label("Message").fill("/incident start")
    await alice.get_by_label("Message").press("Enter")
    dialog = alice.get_by_role("dialog")
    await expect(dialog).to_contain_text("Commander: @alice")
    await dialog.get_by_label("Incident name").fill("x")
    await dialog.get_by_role("button", name="Start incident").click()
    await expect(dialog).to_contain_text("This field is required.")
    await expect(dialog).to_contain_text("at least 2 characters")
    await screenshot(alice, "2-dialog-field-errors")
    await dialog.get_by_label("Playbook").select_option(label="Service outage")
    await dialog.get_by_label("Incident name").fill("Checkout is down")
    await dialog.get_by_label("Description").fill("No orders since 03:10, payment provider answers 503")
    await dialog.get_by_role("button", name="Start incident").click()

    await expect(alice.get_by_role("heading", level=1)).to_have_text("Checkout is down")
    await expect(alice.get_by_test_id("incident-name")).to_have_text("Checkout is down")
    await expect(alice.get_by_test_id("incident-status")).to_have_text("Ongoing")
    await expect(alice.get_by_test_id("incident-commander")).to_have_text("@alice")
    await expect(alice.locator(".post", has_text="was started")).to_be_visible()

    await alice.get_by_label("Add people").click()
    await alice.get_by_role("dialog").get_by_role("button", name="bob").click()
    await alice.get_by_role("dialog").get_by_label("Close").click()
    await bob.get_by_role("button", name="Checkout is down").click()
    await expect(bob.get_by_test_id("incident-name")).to_be_visible()

    task = "Confirm the impact"
    await bob.get_by_role("checkbox", name=task).click()
    await expect(alice.get_by_role("checkbox", name=task)).to_be_checked(timeout=1000)
    await alice.get_by_role("checkbox", name="Look for a recent change").click()
    await expect(bob.get_by_role("checkbox", name="Look for a recent change")).to_be_checked(timeout=1000)
    await expect(bob.get_by_test_id("incident-progress")).to_have_text("2 of 11")
    await expect(alice.locator(".post", has_text="checked off Confirm the impact")).to_be_visible()
    await screenshot(alice, "3-incident")
    await screenshot(bob, "4-colleague")

    await alice.get_by_role("button", name="End incident").click()
    await expect(alice.get_by_role("dialog")).to_contain_text("End Checkout is down?")
    await screenshot(alice, "5-end")
    await alice.get_by_role("dialog").get_by_role("button", name="End incident").click()
    for page in (alice, bob):
        await expect(page.get_by_test_id("incident-status")).to_have_text("Ended")
    await expect(bob.locator(".post", has_text="ended by @alice")).to_be_visible()
    await screenshot(bob, "6-ended")


async def test_starting_from_a_post_quotes_and_links_it(window: Window, screenshot: Screenshot) -> None:
    """The post's menu starts the incident; the announcement leads back to the post."""
    alice = await window("alice")
    await alice.get_by_label("Message").fill("Orders are failing @here\n\nsince three")
    await alice.get_by_label("Message").press("Enter")
    post = alice.locator(".post", has_text="Orders are failing").last
    await post.hover()
    await post.get_by_label("More actions").click()
    await alice.get_by_role("menuitem", name="Start incident").click()
    dialog = alice.get_by_role("dialog")
    await dialog.get_by_label("Playbook").select_option(label="Security incident")
    await dialog.get_by_label("Incident name").fill("Orders")
    await dialog.get_by_role("button", name="Start incident").click()
    announcement = alice.locator(".post", has_text="was started")
    await expect(announcement.locator("blockquote")).to_contain_text("since three")
    await screenshot(alice, "7-from-a-post")
    await announcement.get_by_role("link", name="this message").click()
    await expect(alice.locator(".post.highlighted")).to_contain_text("Orders are failing")


async def test_elsewhere_the_sidebar_lists_my_ongoing_incidents(window: Window, screenshot: Screenshot) -> None:
    """The header's button opens the list; a row leads to its channel; on a phone everything fits."""
    phone = await window("alice", width=390, height=844)
    await phone.get_by_label("Incidents").click()
    await expect(phone.get_by_test_id("incident-rhs")).to_contain_text("Nothing is burning")
    await phone.get_by_test_id("start-incident").click()
    dialog = phone.get_by_role("dialog")
    await screenshot(phone, "8-phone-dialog")
    await dialog.get_by_label("Playbook").select_option(label="Service outage")
    await dialog.get_by_label("Incident name").fill("Login loops")
    await dialog.get_by_role("button", name="Start incident").click()
    await expect(phone.get_by_test_id("incident-name")).to_have_text("Login loops")
    await screenshot(phone, "9-phone-incident")
    await phone.get_by_label("Close").click()
    await phone.get_by_label("Open channels").click()
    await phone.get_by_role("button", name="Town Square").click()
    await phone.get_by_label("Incidents").click()
    await screenshot(phone, "10-phone-list")
    await phone.get_by_role("button", name="Login loops").last.click()
    await expect(phone.get_by_role("heading", level=1)).to_have_text("Login loops")
    await expect(phone).to_have_url(f"{phone.url.split('/sre/')[0]}/sre/channels/login-loops")


async def test_a_new_playbook_can_be_made_and_used(window: Window, screenshot: Screenshot) -> None:
    """The start dialog links to the page that makes one."""
    bob = await window("bob")
    await bob.get_by_label("Message").fill("/incident start")
    await bob.get_by_label("Message").press("Enter")
    await bob.get_by_role("dialog").get_by_role("link", name="Create a playbook").click()
    await bob.get_by_role("button", name="Save playbook").click()
    await expect(bob.get_by_role("alert")).to_contain_text("title: must not be blank")
    await bob.get_by_test_id("template").select_option(label="Incident management")
    await expect(bob.get_by_label("Title")).to_have_value("Incident management")
    await expect(bob.get_by_label("Stages and tasks")).to_have_value(
        re.compile("# Mitigation\n- Look for a recent change")
    )
    await screenshot(bob, "11-template")
    await bob.get_by_label("Title").fill("Certificate expired")
    await bob.get_by_label("Stages and tasks").fill("# Renew\n- Order a new one\n- Tell people /invite @alice")
    await bob.get_by_role("button", name="Save playbook").click()
    await expect(bob.get_by_role("alert")).to_contain_text("Saved")
    await screenshot(bob, "12-new-playbook")
    await bob.get_by_role("button", name="Town Square").click()
    await bob.get_by_label("Message").fill("/incident start")
    await bob.get_by_label("Message").press("Enter")
    await expect(bob.get_by_role("dialog").get_by_label("Playbook")).to_contain_text("Certificate expired")
