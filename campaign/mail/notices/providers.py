"""The providers whose webhooks are believed: those for which a setting says by what they prove who they are."""

from campaign.mail.notices.certificates import Certificates
from campaign.mail.notices.mailgun import Mailgun
from campaign.mail.notices.postmark import Postmark
from campaign.mail.notices.sendgrid import SendGrid
from campaign.mail.notices.ses import AmazonSes
from campaign.mail.notices.shapes import Provider
from campaign.settings import Settings


def known_providers(settings: Settings, certificates: Certificates) -> dict[str, Provider]:
    """By the last part of the webhook's path; one that is not set up is left out."""
    found: dict[str, Provider] = {}
    if settings.ses_topics:
        found["ses"] = AmazonSes(settings.ses_topics, certificates)
    if settings.postmark_webhook_login:
        found["postmark"] = Postmark(settings.postmark_webhook_login)
    if settings.mailgun_signing_key:
        found["mailgun"] = Mailgun(settings.mailgun_signing_key)
    if settings.sendgrid_verification_key:
        found["sendgrid"] = SendGrid(settings.sendgrid_verification_key)
    return found
