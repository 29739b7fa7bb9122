"""Everything kept about one person, as a zip file: for the answer to a subject access request.

Whoever writes it looks after the machine, and may themselves be somebody a concern is about. So what is
about people goes in only as a reviewer who may open it sees it, and nothing says what was left out.
"""

import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

from adapters.exporting import CannotExport, new_file
from adapters.printing.pdf import pdf
from adapters.spreadsheet import as_csv
from adapters.wiring import Clerk
from bot import registers
from bot.linking import links_known_to
from bot.paper import Record, as_text
from bot.people import Person, Staff
from bot.records import record_of
from bot.subjectaccess import Sought, others, part_in, part_in_entry
from bot.visit import Visit
from bot.workflows import routing
from bot.workflows.entry import Deed, Entry
from bot.workflows.request import Request, Taken

EVERY = 1_000_000
"""As many messages as there are."""
REVIEW = "safeguarding-review-before-release"
"""The folder of records about people."""


def export_subject(clerk: Clerk, school: str, who: str, out: Path, reviewer: str) -> int:
    """Write the file, new and for its owner alone, and record that it was written. Returns how many requests
    are in it. CannotExport says why not."""
    if school not in clerk.library.schools():
        raise CannotExport(f"{school} is not in force: policyclerk publish --school {school}")
    staff = clerk.directory.staff(school)
    person = _listed(staff, who)
    reads = _reviewer(staff, reviewer, clerk.library.published(school).school.name)
    gathering = _Gathering(clerk, school, staff, _sought(person, who), reads)
    content = gathering.zipped(person)
    with new_file(out) as file:
        gathering.record(person)  # first: better recorded and not written than the reverse
        file.write(content)
    return len(gathering.requests)


class _Gathering:
    """One person's data being put together."""

    def __init__(
        self, clerk: Clerk, school: str, staff: Staff, sought: Sought, reviewer: Person | None
    ) -> None:
        self._clerk = clerk
        self._staff = staff
        self._sought = sought
        self._reviewer = reviewer
        self._published = clerk.library.published(school)
        self._now = clerk.services.clock.now()
        self.requests = {r.id: (r, part) for r in clerk.store.kept(school) if (part := self._part(r))}

    def zipped(self, person: Person | None) -> bytes:
        """The file."""
        whole = io.BytesIO()
        with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as file:
            file.writestr("READ-ME-FIRST.txt", self._read_me(person))
            file.writestr("requests.csv", as_csv(self._index()))
            for request, _ in self.requests.values():
                record = self._record(request)
                file.writestr(f"{_place(request)}.txt", as_text(record))
                file.writestr(f"{_place(request)}.pdf", pdf(record))
            for name, rows in self._registers():
                file.writestr(f"registers/{name}.csv", as_csv(rows))
            if person:
                file.writestr("staff-list.csv", as_csv(self._listing(person)))
                file.writestr("messages.csv", as_csv(self._messages(person)))
                file.writestr("done-with-the-setting-up.csv", as_csv(self._deeds(person)))
        return whole.getvalue()

    def record(self, person: Person | None) -> None:
        """Write down that their data was taken out: in each request's history, and in the school's."""
        by = self._reviewer.name if self._reviewer else "the school's administrator"
        taken = Taken(at=self._now, action="printed", person="", reason=f"a subject access request, for {by}")
        for request_id in self.requests:
            self._clerk.store.record(request_id, taken)
        reviewer = self._reviewer.id if self._reviewer else ""
        whom = (person.id,) if person else ()
        deed = Deed(at=self._now, action="held_data_exported", people=whom, person=reviewer)
        self._clerk.store.note(self._published.school.id, deed)

    def _part(self, request: Request) -> tuple[str, ...]:
        if _guarded(request) and not self._may_review(request):
            return ()
        store = self._clerk.store
        return part_in(self._sought, request, store.history(request.id), store.deliveries(request.id))

    def _may_review(self, request: Request) -> bool:
        ctx = self._clerk.services.context(request)
        return self._reviewer is not None and routing.may_open(ctx, request, self._reviewer.id)

    def _record(self, request: Request) -> Record:
        services = self._clerk.services
        reader = self._reviewer.id if _guarded(request) and self._reviewer else None
        edition = services.library.edition(request.school, request.policy_version)
        links = links_known_to(services, request, reader) if reader else ()
        history = services.store.history(request.id)
        return record_of(services.context(request), edition, request, history, reader, links)

    def _index(self) -> Iterator[tuple[str, ...]]:
        yield "Reference", "Procedure", "Their part in it", "Other people in it", "Before release", "File"
        for request, part in self.requests.values():
            review = "The DSL decides what of it may be released" if _guarded(request) else ""
            named = others(self._sought, request, self._staff)
            yield (
                request.reference,
                request.workflow,
                "; ".join(part),
                "; ".join(named),
                review or ("Other people's data: look at what may be released" if named else ""),
                f"{_place(request)}.pdf",
            )

    def _registers(self) -> Iterator[tuple[str, tuple[tuple[str, ...], ...]]]:
        for name, register in self._published.school.registers.items():
            entries = self._clerk.store.entries(self._published.school.id, name)
            theirs = [e for e in entries if part_in_entry(self._sought, e) and self._may_take(e)]
            if theirs:
                yield name, registers.as_table(register, theirs).rows

    def _may_take(self, entry: Entry) -> bool:
        if not entry.about_people and not entry.subjects:
            return True
        if self._reviewer is None:
            return False
        visit = Visit(person=self._reviewer, published=self._published, staff=self._staff, now=self._now)
        return registers.may_find(self._clerk.services, visit, entry)

    def _listing(self, person: Person) -> Iterator[tuple[str, str]]:
        yield "What", "As kept"
        yield "Name", person.name
        yield "E-mail address", person.email
        roles = self._published.school.roles
        yield "Roles", "; ".join(roles[r].title for r in self._staff.roles_of(person.id) if r in roles)
        names = {p.id: p.name for p in self._staff.people}
        yield "Line manager", names.get(person.line_manager, "")
        yield "Line manager of", "; ".join(p.name for p in self._staff.people if p.line_manager == person.id)
        yield "On the staff from", str(person.starts or "")
        yield "On the staff until", str(person.ends or "")
        for absence in self._staff.absences:
            if absence.person == person.id:
                yield "Away", f"{absence.first} to {absence.last}"
        for account in self._clerk.directory.identities_of(person.id):
            yield f"Account ({account.platform})", f"{account.user} in {account.tenant}"

    def _messages(self, person: Person) -> Iterator[tuple[str, ...]]:
        yield "Sent", "What about", "Kind", "Platform", "Opened", "Acted on"
        for sent in self._clerk.store.deliveries_to(person.id, EVERY):
            if sent.request and sent.request not in self.requests:
                continue
            about = self.requests[sent.request][0].reference if sent.request else ""
            stamps = [moment.isoformat() if moment else "" for moment in (sent.opened_at, sent.acted_at)]
            platform = sent.address.partition(":")[0]
            yield (sent.sent_at.isoformat(), about, sent.kind, platform, *stamps)

    def _deeds(self, person: Person) -> Iterator[tuple[str, ...]]:
        yield "When", "What", "Register", "Role", "By them or about them"
        for deed in self._clerk.store.deeds(self._published.school.id):
            if person.id in (deed.person, *deed.people):
                who = "by them" if deed.person == person.id else "about them"
                yield deed.at.isoformat(), deed.action, deed.register_name, deed.role, who

    def _read_me(self, person: Person | None) -> str:
        known = "found on the staff list" if person else "not on the staff list: looked for by words alone"
        reviewed = (
            _REVIEWED.format(name=self._reviewer.name, folder=REVIEW) if self._reviewer else _NOT_REVIEWED
        )
        words = "; ".join(self._sought.words)
        return _READ_ME.format(
            school=self._published.school.name, words=words, known=known, reviewed=reviewed
        )


def _guarded(request: Request) -> bool:
    """Whether it goes in only as a reviewer sees it."""
    return request.about_people or bool(request.subjects)


def _place(request: Request) -> str:
    return f"{REVIEW if _guarded(request) else 'requests'}/{request.reference}"


def _listed(staff: Staff, who: str) -> Person | None:
    """Whoever has that address or that name, leavers too; None for nobody. CannotExport for several."""
    wanted = who.strip().casefold()
    if not wanted:
        raise CannotExport("Say whose data it is: --person with an e-mail address or a name.")
    found = [p for p in staff.people if wanted in (p.email.casefold(), p.name.casefold())]
    if len(found) > 1:
        raise CannotExport(
            f"{len(found)} people on the staff list are called {who}: give the e-mail address."
        )
    return found[0] if found else None


def _sought(person: Person | None, who: str) -> Sought:
    given = {who.strip().casefold()}
    if person:
        given |= {text.casefold() for text in (person.name, person.email) if text}
    return Sought(id=person.id if person else "", words=tuple(sorted(given)))


def _reviewer(staff: Staff, email: str, school: str) -> Person | None:
    if not email:
        return None
    wanted = email.strip().casefold()
    person = next((p for p in staff.current if p.email and p.email.casefold() == wanted), None)
    if person is None:
        raise CannotExport(f"Nobody on the staff list of {school} has the address {email}.")
    return person


_READ_ME = """\
What Policy Clerk keeps about one person, at {school}
=====================================================

Looked for: {words} ({known})

THIS IS NOT READY TO BE HANDED OUT. It is for whoever answers the request to look through first:

- Other people stand in it: who sent a request, who decided it, whom it is about, whom a text mentions.
  requests.csv names those on the staff list, for each request. A text can name more, and only a reader
  sees that. What may be released about them is for your data protection officer to say.
- {reviewed}
- A program finds people by their place on the staff list and by the words above. It does not find a
  nickname, an initial, a misspelling or a description. Look for those yourself.

What is in here
---------------
requests.csv      every request they have a part in, their part, and who else stands in it
requests/         the records of those requests, as PDF and as plain text
registers/        entries of registers that name them
staff-list.csv    what the staff list has of them, their absences and their accounts on chat platforms
messages.csv      what the clerk sent them: when, about which request, and whether it was opened
done-with-the-setting-up.csv   what they did, or what was done about them, besides requests

What is not in here
-------------------
- What Slack or Microsoft keep: every message, also after it was edited or deleted, as their retention is
  set. Ask whoever administers them.
- Copies that people printed or saved, backups, and the safeguarding system that the school keeps besides.
- Questions asked of the policy: the clerk counts them without who asked, and keeps no text.
- What was erased before.
"""
_REVIEWED = """\
Requests about people are in the folder {folder}, as {name} may
  see them. THE DESIGNATED SAFEGUARDING LEAD REVIEWS EACH OF THEM BEFORE ANYTHING OF IT IS RELEASED: telling
  somebody that a concern exists can put a child at risk. If {name} may not open one, it is not in here, and
  nothing says so: ask the chair too about what concerns a head, and the head about what concerns the DSL."""
_NOT_REVIEWED = """\
Requests about people (safeguarding records) are NOT in here, whether there are any or not, and their
  absence says nothing. They need the designated safeguarding lead's review: run this again with
  --reviewer and the DSL's e-mail address, and let the DSL look at it before anybody else."""
