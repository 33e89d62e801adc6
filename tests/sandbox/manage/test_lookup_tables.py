from __future__ import annotations

import httpx

from mixtui.sandbox.data import identity

TABLE = f"/lookup-tables/{identity.LOOKUP_TABLE_ID}"


def test_a_lookup_table_is_replaced_from_csv(frozen_client: httpx.Client) -> None:
    listed = frozen_client.get("/lookup-tables").json()
    assert listed == {
        "code": 200,
        "status": "OK",
        "results": [{"id": identity.LOOKUP_TABLE_ID, "name": "Products"}],
    }
    csv = 'id,name\n1,"A, quoted"\n2,B\n'
    response = frozen_client.put(
        TABLE, content=csv, headers={"Content-Type": "text/csv"}
    )
    assert response.json() == {"code": 200, "status": "OK"}


def test_bad_rows_of_a_lookup_table_are_reported_and_nothing_is_replaced(
    frozen_client: httpx.Client,
) -> None:
    response = frozen_client.put(
        TABLE, content="id,name\n1,A\n,B\n3\n1,C\n" + ",\n" * 20
    )
    assert response.status_code == 400
    failed = response.json()["failed_records"]
    assert failed[:3] == [
        {"index": 2, "message": "primary key is required and cannot be blank"},
        {"index": 3, "message": "invalid row: wrong number of fields"},
        {"index": 4, "message": "primary key must be unique: 1"},
    ]
    assert len(failed) == 10
    headerless = frozen_client.put(TABLE, content="")
    assert headerless.json()["failed_records"] == [
        {"index": 0, "message": "a header row is required"}
    ]


def test_an_unknown_lookup_table_is_a_404_with_code_200(client: httpx.Client) -> None:
    response = client.put("/lookup-tables/none", content="id\n1\n")
    assert response.status_code == 404
    assert response.json() == {
        "code": 200,
        "error": "Lookup table with id 'none' was not found.",
        "status": "Not Found",
    }
