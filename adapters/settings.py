"""Everything that is set from the environment, checked when the program starts."""

import os
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

_THIS_MACHINE = ("127.0.0.1", "localhost", "::1")
SECRETS = tuple(
    place for place in (os.environ.get("CREDENTIALS_DIRECTORY", ""), "/run/secrets") if os.path.isdir(place)
)
"""Where systemd and Docker put secrets: a file for each variable, of its name in lower case. What the environment
says comes first."""


class SlackSettings(BaseSettings):
    """`SLACK_*`. Without a bot token, or an app's id and secret, Slack is left alone."""

    model_config = SettingsConfigDict(env_prefix="SLACK_", extra="ignore", secrets_dir=SECRETS)

    bot_token: SecretStr = SecretStr("")
    """`xoxb-`: what the app speaks with, in one workspace."""
    client_id: str = ""
    """The app's id, where several workspaces may install it."""
    client_secret: SecretStr = SecretStr("")
    signing_secret: SecretStr = SecretStr("")
    """Proves that a request over HTTP is Slack's."""
    app_token: SecretStr = SecretStr("")
    """`xapp-`: Socket Mode, for a clerk that Slack cannot reach over HTTP."""
    api_base_url: str = "https://slack.com/api/"

    @property
    def on(self) -> bool:
        """Whether Slack is used at all."""
        return bool(self.bot_token.get_secret_value() or self.client_id)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        """A token without a way in would be a clerk that nobody can talk to, and the other way round."""
        if bool(self.client_id) != bool(self.client_secret.get_secret_value()):
            raise ValueError("SLACK_CLIENT_ID and SLACK_CLIENT_SECRET need each other")
        if self.client_id and self.bot_token.get_secret_value():
            raise ValueError(
                "Set SLACK_BOT_TOKEN for one workspace, or SLACK_CLIENT_ID for several, not both"
            )
        ways_in = self.signing_secret.get_secret_value() or self.app_token.get_secret_value()
        if self.on and not ways_in:
            raise ValueError(
                "SLACK_BOT_TOKEN or SLACK_CLIENT_ID needs SLACK_SIGNING_SECRET (HTTP) or SLACK_APP_TOKEN "
                "(Socket Mode)"
            )
        if ways_in and not self.on:
            raise ValueError(
                "SLACK_SIGNING_SECRET and SLACK_APP_TOKEN need SLACK_BOT_TOKEN or SLACK_CLIENT_ID"
            )
        return self


class TeamsSettings(BaseSettings):
    """`TEAMS_*`: the app's registration with Microsoft. Without an app id there is no Teams."""

    model_config = SettingsConfigDict(env_prefix="TEAMS_", extra="ignore", secrets_dir=SECRETS)

    app_id: str = ""
    app_password: SecretStr = SecretStr("")
    app_tenant_id: str = ""
    """The school's tenant; empty for a bot registered for several before July 2025."""
    openid_metadata_url: str = "https://login.botframework.com/v1/.well-known/openidconfiguration"
    """Where Microsoft's signing keys are named."""
    login_url: str = "https://login.microsoftonline.com"
    """Where the clerk's own token comes from."""


class Settings(BaseSettings):
    """`POLICYCLERK_*`; the names are the program's contract with whoever installs it."""

    model_config = SettingsConfigDict(env_prefix="POLICYCLERK_", extra="ignore", secrets_dir=SECRETS)

    home: Path = Path("~/.policyclerk")
    """Where schools, indexes and, unless a database is named, all data live."""
    database_url: str = Field(default="", repr=False)
    """SQLAlchemy address; SQLite in the home when empty."""
    keys: str = Field(default="", repr=False)
    """Comma-separated base64 keys of 32 bytes: the first encrypts, all decrypt. A key file in the
    home, readable by its owner alone, when empty."""
    model: str = ""
    """`off`, or a folder with another encoder; the package's own when empty."""
    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)
    public_url: str = ""
    """Where people's browsers reach the page: `https://clerk.school.example`."""
    log: Literal["", "json", "text"] = ""
    """How `serve` and `worker` log; empty: text in a terminal, JSON anywhere else."""
    metrics_token: SecretStr = SecretStr("")
    """Opens `/metrics` to other machines; without one, this machine alone is answered."""
    slack: SlackSettings = Field(default_factory=SlackSettings)
    teams: TeamsSettings = Field(default_factory=TeamsSettings)

    @property
    def folder(self) -> Path:
        """The home, with `~` resolved."""
        return self.home.expanduser()

    @property
    def database(self) -> str:
        """SQLAlchemy address of where the data are."""
        return self.database_url or f"sqlite:///{self.folder / 'policyclerk.db'}"

    @property
    def page(self) -> str:
        """Where the page is, for people who sign in to it; empty where nobody can: other computers would reach
        it without encryption."""
        own = self.host if self.host in _THIS_MACHINE else ""
        return self.public_url or (f"http://{own}:{self.port}" if own else "")

    @field_validator("public_url")
    @classmethod
    def _whole_address(cls, url: str) -> str:
        """`https://host`, as a browser names it in Origin; without encryption on this machine alone."""
        if not url:
            return ""
        parts = urlsplit(url)
        safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _THIS_MACHINE)
        if not safe or not parts.hostname or parts.path.strip("/") or parts.query or "@" in parts.netloc:
            raise ValueError("needs an https address without a path, such as https://clerk.school.example")
        return f"{parts.scheme}://{parts.netloc}".lower()

    def at(self, folder: Path) -> "Settings":
        """The same settings with another home, its own database, no chat platform and no public address."""
        alone = {"slack": SlackSettings.model_construct(), "teams": TeamsSettings.model_construct()}
        return self.model_copy(update={"home": folder, "database_url": "", "public_url": "", **alone})
