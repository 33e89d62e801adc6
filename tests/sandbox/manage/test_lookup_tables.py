from __future__ import annotations

import httpx

from mixtui.sandbox.data import identity

TABLE = f"/lookup-tables/{identity.LOOKUP_TABLE_ID}"


def test_a_lookup_table_is_replaced_from_csv(still: httpx.Client) -> None:
    listed = still.get("/lookup-tables").json()
    assert listed == {
        "code": 200,
        "status": "OK",
        "results": [{"id": identity.LOOKUP_TABLE_ID, "name": "Products"}],
    }
    csv = 'id,name\n1,"A, quoted"\n2,B\n'
    answer = still.put(TABLE, content=csv, headers={"Content-Type": "text/csv"})
    assert answer.json() == {"code": 200, "status": "OK"}


def test_bad_rows_of_a_lookup_table_are_reported_and_nothing_is_replaced(
    still: httpx.Client,
) -> None:
    answer = still.put(TABLE, content="id,name\n1,A\n,B\n3\n1,C\n" + ",\n" * 20)
    assert answer.status_code == 400
    failed = answer.json()["failed_records"]
    assert failed[:3] == [
        {"index": 2, "message": "primary key is required and cannot be blank"},
        {"index": 3, "message": "invalid row: wrong number of fields"},
        {"index": 4, "message": "primary key must be unique: 1"},
    ]
    assert len(failed) == 10
    empty = still.put(TABLE, content="")
    assert empty.json()["failed_records"] == [
        {"index": 0, "message": "a header row is required"}
    ]


def test_an_unknown_lookup_table_is_a_404_that_says_200(client: httpx.Client) -> None:
    answer = client.put("/lookup-tables/none", content="id\n1\n")
    assert answer.status_code == 404
    assert answer.json() == {
        "code": 200,
        "error": "Lookup table with id 'none' was not found.",
        "status": "Not Found",
    }
