"""Names made into entities with ids that hold across languages.

:func:`link` takes a :class:`Passage` and what a recogniser saw in it.
"""

from services.enrich.linking.linker import link
from services.enrich.linking.passage import Passage

__all__ = ["Passage", "link"]
