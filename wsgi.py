"""What the web server and the command line load: `wsgi:app`."""

import sys

from campaign.app import create_app
from campaign.settings import SettingsError

try:
    app = create_app()
except SettingsError as error:
    sys.exit(f"These settings are not right:\n{error}")
