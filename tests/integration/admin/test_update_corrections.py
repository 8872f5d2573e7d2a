"""Updates that readers have seen: corrected with a visible note, withdrawn with one, edited by one person at a time."""

from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import select

from campaign.audit.models import AuditEntry
from campaign.campaigns.models import Campaign, UpdateState
from campaign.core.database import db
from campaign.staff.models import Role
from tests.factories import make_campaign
from tests.integration.admin.conftest import Browser, SignIn
from tests.integration.admin.test_updates import DELIVERY, NEWS, public, stored, write


def withdraw(browser: Browser, campaign: Campaign, update: str, note: str) -> Any:
    path = f"/admin/campaigns/{campaign.slug}/updates/{update}/withdraw"
    answer = browser.post(path, {"note": note}, token=browser.token("/admin/"))
    db.session.rollback()
    return answer


def test_a_correction_is_told_with_its_note_or_with_what_changed(sign_in: SignIn, client: FlaskClient) -> None:
    campaign, browser = make_campaign(), sign_in(Role.EDITOR)
    write(browser, campaign, DELIVERY)
    update = stored().public_id
    page = f"/campaigns/{campaign.slug}/updates/{update}"
    assert "Corrected" not in client.get(page).text
    write(browser, campaign, DELIVERY, update)
    assert not stored().corrections  # stored again as it was
    write(browser, campaign, DELIVERY | {"contents": "6 satellite kits", "cost": "1"}, update)
    fixed = {"contents": "60 satellite kits", "title": "<b>Canary</b>", "correction": "It was 60 kits, <i>not</i> 6."}
    write(browser, campaign, DELIVERY | fixed, update)
    for shown in (
        client.get(page).text,
        public(browser, campaign),
        client.get(f"/campaigns/{campaign.slug}/updates").text,
    ):
        assert "Changed: contents, cost." in shown
        assert "It was 60 kits, &lt;i&gt;not&lt;/i&gt; 6." in shown
    answer = client.get(f"/api/v1/campaigns/{campaign.slug}/updates").get_json()
    (told,) = answer["items"]
    assert [(line["parts"], line["note"]) for line in told["corrections"]] == [
        (["contents", "cost"], ""),
        (["title", "contents", "cost"], "It was 60 kits, <i>not</i> 6."),
    ]
    assert told["delivery"]["items"] == [{"item": "satellite kits", "quantity": 60}]
    assert (told["delivery"]["stage"], told["delivery"]["cost_minor"]) == ("received", 1_250_050)
    assert told["updated_at"] > told["published_at"]
    feed = client.get(f"/campaigns/{campaign.slug}/updates.atom").text
    assert "It was 60 kits" in feed
    assert "60 satellite kits, Lviv region" in feed


def test_what_changes_before_readers_see_it_is_nobodys_business(sign_in: SignIn) -> None:
    campaign, browser = make_campaign(), sign_in(Role.EDITOR)
    write(browser, campaign, NEWS | {"action": "draft"})
    write(browser, campaign, NEWS | {"title": "Other", "action": "draft"}, stored().public_id)
    write(browser, campaign, NEWS | {"title": "Another"}, stored().public_id)
    assert (stored().state, stored().corrections) == (UpdateState.PUBLISHED, [])


def test_a_kind_that_has_no_delivery_takes_its_parts_along(sign_in: SignIn) -> None:
    campaign, browser = make_campaign(), sign_in(Role.EDITOR)
    write(browser, campaign, DELIVERY)
    write(browser, campaign, NEWS, stored().public_id)
    assert [line.parts for line in stored().corrections] == ["kind"]


def test_a_withdrawn_update_answers_with_its_note_alone(sign_in: SignIn, client: FlaskClient) -> None:
    campaign, browser = make_campaign(), sign_in(Role.EDITOR)
    write(browser, campaign, DELIVERY)
    update = stored().public_id
    assert withdraw(browser, campaign, update, "  ").status_code == 422
    assert stored().state is UpdateState.PUBLISHED
    assert withdraw(browser, campaign, update, "The lorry <was> not ours.").status_code == 303
    gone = client.get(f"/campaigns/{campaign.slug}/updates/{update}")
    assert (gone.status_code, gone.headers["Cache-Control"]) == (410, "no-store")
    assert "The lorry &lt;was&gt; not ours." in gone.text
    for hidden in ("Canary", "arrived", "Lviv"):
        assert hidden not in gone.text
    for path in ("", "/updates", "/updates.atom", "/money"):
        assert "Canary" not in client.get(f"/campaigns/{campaign.slug}{path}").text
        assert "satellite" not in client.get(f"/campaigns/{campaign.slug}{path}").text
    assert client.get(f"/api/v1/campaigns/{campaign.slug}/updates").get_json()["items"] == []
    assert withdraw(browser, campaign, update, "Again").status_code == 409
    for action in ("draft", "schedule"):
        refused = write(browser, campaign, DELIVERY | {"action": action, "publish_at": "2199-01-01T10:00"}, update)
        assert refused.status_code == 422
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "update.withdraw")).one()
    assert (entry.object_id, entry.reason) == (update, "The lorry <was> not ours.")


def test_a_withdrawn_update_can_be_published_again_and_says_so(sign_in: SignIn, client: FlaskClient) -> None:
    campaign, browser = make_campaign(), sign_in(Role.EDITOR)
    write(browser, campaign, NEWS)
    update = stored().public_id
    withdraw(browser, campaign, update, "By mistake")
    assert "Publish again" in browser.get(f"/admin/campaigns/{campaign.slug}/updates/{update}/edit").text
    assert write(browser, campaign, NEWS, update).status_code == 303
    shown = client.get(f"/campaigns/{campaign.slug}/updates/{update}")
    assert shown.status_code == 200
    assert "It had been withdrawn, and was published again." in shown.text
    assert "By mistake" not in shown.text


def test_a_draft_cannot_be_withdrawn_and_another_campaigns_update_is_unknown(sign_in: SignIn) -> None:
    campaign, other, browser = make_campaign(), make_campaign(slug="other"), sign_in(Role.EDITOR)
    write(browser, campaign, NEWS | {"action": "draft"})
    assert withdraw(browser, campaign, stored().public_id, "Why").status_code == 409
    assert withdraw(browser, other, stored().public_id, "Why").status_code == 404
    assert withdraw(browser, campaign, "unknown", "Why").status_code == 404
    assert stored().state is UpdateState.DRAFT


def test_the_second_of_two_editors_sees_what_the_first_stored(sign_in: SignIn) -> None:
    campaign, browser = make_campaign(), sign_in(Role.EDITOR)
    write(browser, campaign, NEWS)
    update, edition = stored().public_id, str(stored().edition)
    assert (
        f'name="edition" type="hidden" value="{edition}"'
        in browser.get(f"/admin/campaigns/{campaign.slug}/updates/{update}/edit").text
    )
    first = NEWS | {"body": "Words of the first.", "edition": edition}
    assert write(browser, campaign, first, update).status_code == 303
    second = NEWS | {"body": "Words of the second.", "edition": edition}
    refused = write(browser, campaign, second, update)
    assert refused.status_code == 409
    assert "Words of the first." in refused.text
    assert "Words of the second.</textarea>" in refused.text
    assert stored().body == "Words of the first."
    assert write(browser, campaign, second | {"edition": str(stored().edition)}, update).status_code == 303
    assert stored().body == "Words of the second."


def test_the_preview_has_the_mail_in_both_forms(sign_in: SignIn) -> None:
    campaign, browser = make_campaign(), sign_in(Role.EDITOR)
    fields = DELIVERY | {"title": "Half a < lorry", "receiver": "Tom & Co", "link": "https://example.org/a?b=1&c=2"}
    page = write(browser, campaign, fields | {"action": "preview"})
    text = page.text.partition('<pre class="mail" tabindex="0">')[2].partition("</pre>")[0]
    for shown in ("Half a &lt; lorry", "It *arrived*.", "Received by: Tom &amp; Co", "60 satellite kits", "Stop these"):
        assert shown in text, shown
    mail = write(browser, campaign, fields | {"action": "preview_mail"})
    assert mail.status_code == 200
    assert "sandbox" in mail.headers["Content-Security-Policy"]
    assert "script" not in mail.headers["Content-Security-Policy"]
    for shown in ("Half a &lt; lorry", "<em>arrived</em>", "Tom &amp; Co", "£12,500.50", "Delivery note"):
        assert shown in mail.text, shown
    assert mail.headers["Cache-Control"] == "no-store"
