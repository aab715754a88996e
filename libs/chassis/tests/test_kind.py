"""What a kind of document says of the events that it folds."""

import pytest
import toy

from chassis.service import Kind
from contracts.values import Role

EVENT = toy.Counted(counter="c", by=1, total=1)


@pytest.mark.parametrize("named", [Role.TSO, (Role.TSO, "other")])
def test_the_id_of_a_document_is_plain_text_as_it_comes_back_from_the_store(named):
    """Or a rebuilt document is told from the stored one by how its id is written."""
    ids = list(Kind("by role", int, lambda _s, _e: 1, {toy.Counted: lambda _e: named}).parts(EVENT))
    assert ids[0] == "tso"
    assert {type(each) for each in ids} == {str}
