"""The forms of a campaign's screening: what each signal does, from which numbers on, words, and lines of the lists."""

from typing import Any

from babel import Locale
from flask_babel import gettext as _
from wtforms import Field, HiddenField, SelectField, StringField, ValidationError

from campaign.admin.fields import BoundedNumberField, WordsField
from campaign.admin.forms import StaffForm, language
from campaign.core.http.fields import LineField
from campaign.petitions.models import Listing, ListSubject, ScreeningAction, Signal
from campaign.petitions.screening.listing import EntryProblem
from campaign.petitions.screening.rules import BOUNDS, LONGEST_WORD, MOST_WORDS, SET_SIGNALS, Numbers, Rules
from campaign.petitions.screening.starting_words import ANY_LANGUAGE, Words
from campaign.settings import current_settings


def shown_languages() -> list[str]:
    """For any language, then those of the site's pages."""
    return [ANY_LANGUAGE, *current_settings().languages]


def language_name(code: str) -> str:
    """What the heading of a list of words says."""
    if code == ANY_LANGUAGE:
        return str(_("Pages in any language"))
    locale = Locale.parse(code, sep="-")
    name = locale.get_display_name(language().replace("-", "_")) or code
    return str(_("Pages in %(language)s", language=name))


class RulesForm(StaffForm):
    """The rules; `make_rules_form` adds a field for each signal, number and list of words."""

    edition = HiddenField()

    def action_fields(self) -> dict[Signal, Field]:
        """The field of each signal."""
        return {signal: self[f"action_{signal.value}"] for signal in SET_SIGNALS}

    def word_fields(self) -> dict[str, tuple[Field, Field]]:
        """The fields for names and for comments, by language."""
        return {code: (self[f"names_{code}"], self[f"comments_{code}"]) for code in shown_languages()}

    def to_rules(self, before: Rules) -> Rules:
        """What the room takes; words of languages that the site has no pages in stay as they are."""
        shown = str((self.edition.raw_data or [""])[0])
        return Rules(
            actions={signal: ScreeningAction(field.data) for signal, field in self.action_fields().items()},
            numbers=Numbers(**{name: self[name].number for name in BOUNDS}),
            words=dict(before.words)
            | {code: Words(names.words, comments.words) for code, (names, comments) in self.word_fields().items()},
            edition=int(shown) if shown.isascii() and shown.isdigit() else -1,
        )


def _known_action(form: Any, field: Field) -> None:
    if field.data not in set(ScreeningAction):
        raise ValidationError(_("Choose what happens from the list."))


def make_rules_form(rules: Rules, **more: Any) -> RulesForm:
    """A form that shows the rules, unless something was sent."""
    fields: dict[str, Any] = {"edition": HiddenField(default=str(rules.edition))}
    fields |= {
        f"action_{signal.value}": SelectField(
            validate_choice=False, validators=[_known_action], default=rules.actions[signal].value
        )
        for signal in SET_SIGNALS
    }
    for name, bounds in BOUNDS.items():
        fields[name] = BoundedNumberField(least=bounds.least, most=bounds.most, default=getattr(rules.numbers, name))
    for code in shown_languages():
        words = rules.words.get(code, Words())
        for kind, lines in (("names", words.names), ("comments", words.comments)):
            fields[f"{kind}_{code}"] = WordsField(most=MOST_WORDS, longest=LONGEST_WORD, default="\n".join(lines))
    made: type[RulesForm] = type("CampaignRulesForm", (RulesForm,), fields)
    form = made(**more)
    for field in form.action_fields().values():
        field.choices = [
            (ScreeningAction.HOLD.value, _("Hold for a person")),
            (ScreeningAction.MARK.value, _("Count and mark")),
            (ScreeningAction.OFF.value, _("Ignore")),
        ]
    return form


class EntryForm(StaffForm):
    """A line for one of the lists. With `signature`, the network is that of the signature of this number."""

    listing = SelectField(validate_choice=False, default=Listing.BLOCKED.value)
    subject = SelectField(validate_choice=False, default=ListSubject.DOMAIN.value)
    value = StringField()
    note = LineField(longest=200)
    signature = HiddenField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.listing.choices = [(Listing.BLOCKED.value, _("Blocked")), (Listing.ALLOWED.value, _("Allowed"))]
        self.subject.choices = [
            (ListSubject.DOMAIN.value, _("Email domain")),
            (ListSubject.ADDRESS.value, _("Email address")),
            (ListSubject.NETWORK.value, _("Network")),
        ]

    def validate_listing(self, field: Field) -> None:
        """Only lists that there are."""
        if field.data not in set(Listing):
            raise ValidationError(_("Choose a list."))

    def validate_subject(self, field: Field) -> None:
        """Only kinds that there are."""
        if field.data not in set(ListSubject):
            raise ValidationError(_("Choose what it is."))

    def refuse(self, problem: EntryProblem) -> None:
        """Say at its field why the room took nothing."""
        sentences: dict[EntryProblem, str] = {
            EntryProblem.NO_NETWORK: _("Enter a network like 192.0.2.0/24 or 2001:db8:7::/48."),
            EntryProblem.NETWORK_TOO_WIDE: _("This is too wide. Enter its parts, each a /16 or a /40 at most."),
            EntryProblem.NO_DOMAIN: _("Enter a domain like example.org or *.example.org."),
            EntryProblem.NO_ADDRESS: _("Enter an address like name@example.org or bot*@example.org."),
            EntryProblem.TOO_MANY_STARS: _("Use three stars at most."),
            EntryProblem.NOTE_MISSING: _(
                "Write whose network it is: it is stored unreadably, so this is how you find it."
            ),
            EntryProblem.LIST_FULL: _("The lists are full. Take off what is not needed any more."),
        }
        field = self.note if problem is EntryProblem.NOTE_MISSING else self.value
        field.errors = [*field.errors, sentences[problem]]
