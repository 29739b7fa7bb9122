"""Documents -> clauses: text, Markdown, and the project's own policy.md.

`import_document` reads a school's own document into a `Preview` for a person to look at;
`to_policy_md` writes what they accept; `parse_policy_md` is how every pack is read.
"""

import re

from knowledge.importers.markdown import read_markdown
from knowledge.importers.policy_md import parse_policy_md
from knowledge.importers.policy_md_writer import to_policy_md
from knowledge.importers.preview import Dropped, NotAPolicy, PolicyFormatError, Preview
from knowledge.importers.refusals import decoded
from knowledge.importers.text import read_text

__all__ = [
    "Dropped",
    "NotAPolicy",
    "PolicyFormatError",
    "Preview",
    "import_document",
    "parse_policy_md",
    "to_policy_md",
]

_MARKDOWN_NAME = re.compile(r"\.(?:md|markdown|mdown|mkd)$", re.IGNORECASE)
_MARKDOWN_HEADING = re.compile(r"^#{1,6} \S", re.MULTILINE)


def import_document(data: bytes, filename: str) -> Preview:
    """The clauses of a school's document, and what was left out.

    Markdown by its name, or by having headings marked with `#`; everything else is read as
    text extracted from Word or PDF. NotAPolicy when there is no policy to read.
    """
    text = decoded(data)
    is_markdown = bool(_MARKDOWN_NAME.search(filename)) or len(_MARKDOWN_HEADING.findall(text)) >= 2
    preview = read_markdown(text, filename) if is_markdown else read_text(text, filename)
    if not any(re.search(r"[^\W\d_]{2}", draft.text) for draft in preview.drafts):
        raise NotAPolicy("No sentence was found in this file. Choose the file that holds the policy's text.")
    return preview
