"""Everything that is set from the environment, checked when the program starts."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """`POLICYCLERK_*`; the names are the program's contract with whoever installs it."""

    model_config = SettingsConfigDict(env_prefix="POLICYCLERK_", extra="ignore")

    home: Path = Path("~/.policyclerk")
    """Where schools, indexes and, unless a database is named, all data live."""
    database_url: str = ""
    """SQLAlchemy address; SQLite in the home when empty."""
    keys: str = ""
    """Comma-separated base64 keys of 32 bytes: the first encrypts, all decrypt. A key file in the
    home, readable by its owner alone, when empty."""
    model: str = ""
    """`off`, or a folder with another encoder; the package's own when empty."""
    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)

    @property
    def folder(self) -> Path:
        """The home, with `~` resolved."""
        return self.home.expanduser()

    def at(self, folder: Path) -> "Settings":
        """The same settings with another home and its own database."""
        return self.model_copy(update={"home": folder, "database_url": ""})
