"""Fixed statements fail as every other query does, so that whoever waits for a database goes on."""

import pytest
from django.db import DatabaseError, connection

from registry.statements import fetch


@pytest.mark.django_db
def test_a_refused_statement_raises_django_s_own_error() -> None:
    with pytest.raises(DatabaseError):
        fetch("SELECT nothing FROM nowhere", ())


@pytest.mark.django_db(transaction=True)
def test_a_lost_database_raises_django_s_own_error() -> None:
    connection.ensure_connection()
    raw = connection.connection
    raw.close()
    with pytest.raises(DatabaseError):
        fetch("SELECT 1", ())
    connection.close()
