"""A register downloaded from the page: for those who see it, and safe to open."""

from aiohttp.test_utils import TestClient

PAGE = "/as/aet/{}/register/filtering-decisions.csv"


async def test_those_who_see_it_get_a_file_that_runs_nothing(client: TestClient) -> None:
    answer = await client.get(PAGE.format("head"))
    assert answer.status == 200
    assert answer.headers["Content-Disposition"] == 'attachment; filename="filtering-decisions.csv"'
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store"
    body = await answer.read()
    assert body == b'\xef\xbb\xbfAddress,Why\r\n\'=1+1,"filtering-decisions, for maps"\r\n'


async def test_others_are_told_whose_it_is(client: TestClient, served: TestClient) -> None:
    answer = await client.get(PAGE.format("teacher"))
    assert answer.status == 403
    assert "is for: Headteacher" in await answer.text()
    assert (await client.get(PAGE.format("nobody"))).status == 404
    assert (await served.get(PAGE.format("head"))).status == 404, (
        "there are no persons to be without a sign-in"
    )
