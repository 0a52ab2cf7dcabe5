import logging
from collections.abc import Iterator
from typing import Any

import pytest

from tests.addresses import fill
from tests.bad_input.visitors import Visitor
from workspaces.models import User, Workspace


@pytest.fixture
def visitor(owner: User, workspace: Workspace, settings: Any) -> Visitor:
    settings.PAGERDUTY_APP_ID = "PAPP123"
    return Visitor(owner, workspace, fill(workspace))


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Each answer of 4xx is a line in the log, and there are thousands."""
    logging.disable(logging.ERROR)
    yield
    logging.disable(logging.NOTSET)
