"""What every article log promises, as tests that any log can be put to.

A class of tests takes it over whole, and says in a fixture which log is meant:

    class TestMyLog(LogConformance):
        @pytest.fixture
        def under_test(self) -> LogUnderTest:
            return MyLogUnderTest()

It needs pytest with pytest-asyncio in its mode ``auto``.
"""

from newsfeed.testing.conformance.appending import Appending
from newsfeed.testing.conformance.consuming import Consuming
from newsfeed.testing.conformance.damage import Damage
from newsfeed.testing.conformance.erasing import Erasing
from newsfeed.testing.conformance.expecting import Expecting
from newsfeed.testing.conformance.reading import Reading


class LogConformance(Appending, Expecting, Consuming, Erasing, Damage, Reading):
    """All that is promised."""


__all__ = ["Appending", "Consuming", "Damage", "Erasing", "Expecting", "LogConformance", "Reading"]
