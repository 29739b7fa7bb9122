"""`ask` and `evaluate`: what they print, refuse and write."""

import json
from pathlib import Path

import pytest

from tests.adapters.cli.shell import FRIEND, Clerk, saved


class TestAsking:
    def test_text_shows_verdict_clause_and_citation(self, clerk: Clerk) -> None:
        said = clerk("ask", "--school", "aet", FRIEND)
        assert said.status == 0
        lines = said.out.splitlines()
        assert lines[0] == "▲ Advised against"
        assert lines[1].startswith("  In short: ")
        assert (
            lines[2]
            == "  Policy for Social Media (Autumn 2023), section 2 Staff use of personal social media"
        )
        assert "This policy was due for review by September 2024." in lines

    def test_json_is_the_contract(self, clerk: Clerk) -> None:
        said = clerk("ask", "--school", "aet", "--json", FRIEND)
        answer = said.json
        assert said.out.count("\n") == 1
        assert list(answer) == [
            "school",
            "question",
            "outcome",
            "verdict",
            "clauses",
            "safeguarding",
            "forms",
            "ms",
        ]
        assert (answer["school"], answer["question"]) == ("aet", FRIEND)
        assert (answer["outcome"], answer["verdict"]) == ("answer", "advised_against")
        assert answer["safeguarding"] is None
        assert answer["forms"] == []  # aet's form is about pupils
        assert clerk("ask", "--school", "aet", "--json", "a pupil has followed me").json["forms"] == [
            "report-contact"
        ]
        assert answer["ms"] > 0
        assert 1 <= len(answer["clauses"]) <= 10
        for clause in answer["clauses"]:
            assert list(clause) == ["id", "text", "citation", "section", "score"]
        scores = [clause["score"] for clause in answer["clauses"]]
        assert scores == sorted(scores, reverse=True)

    def test_json_of_a_disclosure_names_the_level_and_the_roles(self, clerk: Clerk) -> None:
        told = clerk("ask", "--school", "aet", "--json", "a girl told me she cuts herself").json
        assert list(told["safeguarding"]) == ["level", "to"]
        assert told["safeguarding"]["level"] in ("dsl", "emergency")
        assert told["safeguarding"]["to"][0] == "dsl"

    def test_text_of_a_disclosure_begins_with_people_and_numbers(self, clerk: Clerk) -> None:
        said = clerk("ask", "--school", "aet", "a girl told me she cuts herself").out
        assert "01632 960 001" in said.replace("-", " ")
        answer = said.find("In short:")
        assert answer == -1 or said.replace("-", " ").index("01632 960 001") < answer

    @pytest.mark.parametrize(
        ("question", "outcome"), [("hello", "help"), ("qwertz asdfgh yxcvbn", "not_in_policy")]
    )
    def test_other_outcomes_have_no_verdict(self, clerk: Clerk, question: str, outcome: str) -> None:
        answer = clerk("ask", "--school", "aet", "--json", question).json
        assert (answer["outcome"], answer["verdict"]) == (outcome, None)

    @pytest.mark.parametrize("school", ["nowhere", "", "../aet", "AET"])
    def test_an_unknown_school_is_refused_with_those_there_are(self, clerk: Clerk, school: str) -> None:
        said = clerk("ask", "--school", school, FRIEND)
        assert (said.status, said.out) == (1, "")
        assert said.err == (
            f"There is no school “{school}”. There are: aet, leading-edge, leamington, st-alphege, step.\n"
        )


class TestEvaluating:
    def test_questions_and_texts(self, clerk: Clerk) -> None:
        lines = [
            {"id": "q", "policy": "aet", "question": FRIEND},
            {"id": "t", "text": "a girl told me she cuts herself"},
            {"id": "n", "text": "what is for lunch"},
        ]
        text = "\n\n".join(json.dumps(line) for line in lines) + "\n"
        said = clerk("evaluate", saved("set.jsonl", text), "--out", "pred.jsonl")
        assert said.status == 0
        found = [json.loads(line) for line in Path("pred.jsonl").read_text(encoding="utf-8").splitlines()]
        assert [list(p) for p in found] == [["id", "ranked", "abstained", "safeguarding"]] * 3
        question, disclosure, neither = found
        assert (question["id"], question["abstained"], question["safeguarding"]) == ("q", False, None)
        shown = clerk("ask", "--school", "aet", "--json", FRIEND).json["clauses"]
        assert question["ranked"] == [clause["text"] for clause in shown]
        assert (disclosure["ranked"], disclosure["abstained"]) == ([], True)
        assert disclosure["safeguarding"] in ("dsl", "emergency")
        assert neither["safeguarding"] is None

    @pytest.mark.parametrize(
        ("line", "why"),
        [
            ("not json", "not a line of JSON"),
            ('{"question": "no id"}', "needs `id` and `question` (or `text`)"),
            ('{"id": "1"}', "needs `id` and `question` (or `text`)"),
            ("[]", "needs `id` and `question` (or `text`)"),
            ('{"id": "1", "question": 3}', "`question` is text"),
            ('{"id": "1", "policy": "zzz", "question": "who?"}', "There is no school “zzz”"),
        ],
    )
    def test_a_bad_line_is_named_and_nothing_is_written(self, clerk: Clerk, line: str, why: str) -> None:
        good = '{"id": "0", "text": "fine"}\n'
        said = clerk("evaluate", saved("set.jsonl", good + line + "\n"), "--out", "pred.jsonl")
        assert said.status == 1
        assert said.err.startswith("set.jsonl:2: ")
        assert why in said.err
        assert not Path("pred.jsonl").exists()

    def test_a_file_that_is_not_there_is_named(self, clerk: Clerk) -> None:
        said = clerk("evaluate", "none.jsonl", "--out", "pred.jsonl")
        assert (said.status, said.err) == (1, "none.jsonl: No such file or directory\n")
