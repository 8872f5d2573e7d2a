"""Every wording of a demand with how many signed it, at a cost that does not grow with their number."""

from flask.testing import FlaskClient

from campaign.core.database import transaction
from campaign.petitions import tally
from campaign.petitions.models import SignatureState
from tests.factories import make_campaign, make_demand, make_import, make_signature
from tests.statements import recorded


def test_each_wording_is_shown_with_its_note_and_its_signatures(client: FlaskClient) -> None:
    campaign = make_campaign()
    first = make_signature(campaign)
    for _ in range(2):
        make_signature(campaign)
    make_signature(campaign, state=SignatureState.PENDING)
    make_demand(campaign, text="1. **Do** it <script>today</script>.", note="Sooner, says <b>everybody</b>.")
    make_signature(campaign)
    brought = make_import(campaign)
    make_signature(campaign, import_id=brought.id, demand_id=first.demand_id)
    make_signature(make_campaign())
    for act in (lambda: None, fold):
        act()
        page = client.get(f"/campaigns/{campaign.slug}/history").text
        second, original = page.split('<section class="demands"')[1:3]
        assert "Version 2" in second
        assert "1 signature." in second
        assert "Sooner, says &lt;b&gt;everybody&lt;/b&gt;." in second
        assert "&lt;script&gt;today&lt;/script&gt;" in second
        assert "Version 1" in original
        assert "4 signatures." in original
    assert f'href="/campaigns/{campaign.slug}/history"' in client.get(f"/campaigns/{campaign.slug}").text


def fold() -> None:
    with transaction() as session:
        tally.fold(session)


def test_no_page_about_the_count_reads_signatures(client: FlaskClient) -> None:
    campaign = make_campaign()
    make_signature(campaign)
    with recorded() as sent:
        assert client.get(f"/campaigns/{campaign.slug}/history").status_code == 200
    assert len(sent) > 3
    assert [one.sql for one in sent if "FROM signature " in one.sql] == []


def test_a_draft_has_no_history(client: FlaskClient) -> None:
    draft = make_campaign(state="draft", published_at=None)
    assert client.get(f"/campaigns/{draft.slug}/history").status_code == 404
    withdrawn = make_campaign(state="withdrawn")
    assert client.get(f"/campaigns/{withdrawn.slug}/history").status_code == 410
