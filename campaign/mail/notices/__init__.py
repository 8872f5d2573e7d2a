"""What comes back about mail that was sent: bounces and complaints, from providers' webhooks and as plain mails."""
