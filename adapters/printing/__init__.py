"""A record on paper: `pdf` sets it with Typst, `record.typ` is how it looks. No network, no files of its
own. Fonts come from packages and from `fonts/` (Noto Emoji, under the licence beside it)."""
