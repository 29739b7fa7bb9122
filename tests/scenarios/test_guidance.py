"""Asking a person what the policy does not say, and what becomes of the answer."""

from bot.cards import Message
from tests.school import Stage, text_of

QUESTION = "May I use an AI chatbot to write school reports?"


def ask(aet: Stage, share: str = "yes") -> None:
    teacher, head = aet["class-teacher"], aet["headteacher"]
    teacher.sends(teacher.calls("ask-a-person"), question=QUESTION)
    aet.deliver()
    head.acts("Answer", answer="Yes, for a first draft: no pupils' names.", share=share)
    aet.deliver()


def test_the_answer_comes_back_to_the_asker(aet: Stage) -> None:
    ask(aet)
    assert "Yes, for a first draft" in aet["class-teacher"].sees()


def test_the_next_person_gets_it_as_guidance_signed_and_dated(aet: Stage) -> None:
    ask(aet)
    said = text_of(aet["teaching-assistant"].asks("is it ok to use chatgpt to write reports"))
    assert "Guidance, not policy" in said
    assert "Yes, for a first draft" in said
    assert "Answered by the headteacher, 9 Nov 2026." in said
    assert "Class teacher" not in said, "not who asked"


def test_an_answer_that_is_not_shared_stays_with_the_asker(aet: Stage) -> None:
    ask(aet, share="no")
    said = text_of(aet["teaching-assistant"].asks("is it ok to use chatgpt to write reports"))
    assert "Yes, for a first draft" not in said


def test_a_changed_policy_takes_guidance_out_of_answers(aet: Stage) -> None:
    ask(aet)
    changed = aet.published.model_copy(update={"version": "another"})
    aet.clerk.library.publish(changed, aet.clock.now())
    said = text_of(aet["teaching-assistant"].asks("is it ok to use chatgpt to write reports"))
    assert "Yes, for a first draft" not in said


def test_the_owner_says_that_an_answer_still_holds_and_staff_see_it_again(aet: Stage) -> None:
    ask(aet)
    changed = aet.published.model_copy(update={"version": "another"})
    aet.clerk.library.publish(changed, aet.clock.now())
    head = aet["headteacher"]
    card = head.calls("policy-gaps").cards[0]  # type: ignore[union-attr]
    assert "The policy has changed since 1 answer was given" in text_of(head.calls("policy-gaps"))
    button = next(b for b in card.buttons if b.action == "still_right")
    assert "Only the headteacher" in text_of(aet["class-teacher"].presses(button))
    assert "Answers to look at again" not in text_of(head.presses(button))
    said = text_of(aet["teaching-assistant"].asks("is it ok to use chatgpt to write reports"))
    assert "Yes, for a first draft" in said
    assert "Still right" in aet["class-teacher"].sees(), "the asker's own card says so too"


def test_small_talk_is_no_gap_of_the_policy(aet: Stage) -> None:
    for _ in range(5):
        aet["class-teacher"].asks("is it friday yet")
    assert "Nothing yet" in text_of(aet["headteacher"].calls("policy-gaps"))


def test_gaps_are_counted_without_who_asked_and_small_counts_held_back(aet: Stage) -> None:
    question = "is it ok to use chatgpt to write reports"
    head = aet["headteacher"]
    for user in ("class-teacher", "teaching-assistant"):
        aet[user].asks(question)
    assert "Nothing yet" in text_of(head.calls("policy-gaps"))
    aet["office-manager"].asks(question)
    listed = text_of(head.calls("policy-gaps"))
    assert "asked 3 times" in listed
    assert "Only the headteacher sees this list" in text_of(aet["class-teacher"].calls("policy-gaps"))


def test_not_what_i_meant_shows_other_clauses_and_somebody_to_ask(aet: Stage) -> None:
    teacher = aet["class-teacher"]
    answered = teacher.asks("can I accept a parent's friend request?")
    assert isinstance(answered, Message)
    button = next(b for b in answered.cards[0].buttons if b.action == "not_meant")
    assert "friend" not in button.target, "ids only"
    reply = text_of(teacher.presses(button))
    assert "Perhaps one of these?" in reply
    assert "Ask a person" in reply
    assert answered.cards[0].parts[0].text not in reply  # type: ignore[union-attr]
