"""What is wrong with a row of a file of offline gifts, in words."""

from flask_babel import gettext as _

from campaign.admin.import_words import kind_sentence as shared_sentence
from campaign.donations.offline_rows import Finding, Kind
from campaign.petitions.imports.rows import Kind as SharedKind


def finding_sentence(finding: Finding) -> str:
    """Why the row is left out."""
    own: dict[Kind, str] = {
        Kind.BAD_AMOUNT: _("No amount above zero; write 25 or 12.50, with a point before the pence."),
        Kind.NO_METHOD: _("Not said how it was given."),
        Kind.UNKNOWN_METHOD: _("Not known how it was given; write cash, cheque or bank transfer."),
        Kind.UNKNOWN_CURRENCY: _("A currency that this campaign does not take."),
        Kind.THERE_ALREADY: _("The same gift is here already: same day, amount, way, name, address and note."),
    }
    sentence = own.get(finding.kind) or shared_sentence(SharedKind(finding.kind.value))
    return f"{finding.column}: {sentence}" if finding.column else sentence
