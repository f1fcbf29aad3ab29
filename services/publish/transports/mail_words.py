"""The words of mails around a digest, and of the mail that asks, in the languages of the digest's frame.

One table per language, so that a translator sees a language whole. Names in braces are filled in.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from newsfeed.channels import FrameLanguage

_ROOT = re.compile(rb'<html lang="([a-z-]+)"')


@dataclass(frozen=True, slots=True)
class MailWords:
    """The words in one language. ``leave`` is the text of a link, ``question`` the whole mail that asks."""

    language: str
    direction: str
    reason: str
    leave: str
    subject: str
    question: str


EN = MailWords(
    language="en",
    direction="ltr",
    reason="You get this mail because you subscribed to “{channel}”.",
    leave="Unsubscribe",
    subject="Please confirm: {channel}",
    question="""\
Somebody, probably you, asked to be sent the digests of the channel “{channel}” of
{page}

To get them, open this page and confirm:

{link}

If it was not you, do nothing: no digest goes to an address that was not confirmed.
""",
)

FR = MailWords(
    language="fr",
    direction="ltr",
    reason="Vous recevez ce courriel parce que vous êtes abonné à « {channel} ».",
    leave="Se désabonner",
    subject="Veuillez confirmer : {channel}",
    question="""\
Quelqu’un, sans doute vous, a demandé à recevoir les éditions du fil « {channel} » de
{page}

Pour les recevoir, ouvrez cette page et confirmez :

{link}

Si ce n’était pas vous, ne faites rien : aucune édition ne part vers une adresse non confirmée.
""",
)

DE = MailWords(
    language="de",
    direction="ltr",
    reason="Sie erhalten diese Mail, weil Sie „{channel}“ abonniert haben.",
    leave="Abbestellen",
    subject="Bitte bestätigen: {channel}",
    question="""\
Jemand, wahrscheinlich Sie, möchte die Ausgaben des Kanals „{channel}“ bekommen, von
{page}

Um sie zu bekommen, öffnen Sie diese Seite und bestätigen Sie:

{link}

Waren Sie es nicht, dann tun Sie nichts: An eine unbestätigte Adresse geht keine Ausgabe.
""",
)

ES = MailWords(
    language="es",
    direction="ltr",
    reason="Recibe este correo porque está suscrito a «{channel}».",
    leave="Cancelar la suscripción",
    subject="Confirme, por favor: {channel}",
    question="""\
Alguien, seguramente usted, pidió recibir los números del canal «{channel}» de
{page}

Para recibirlos, abra esta página y confirme:

{link}

Si no fue usted, no haga nada: ningún número se envía a una dirección sin confirmar.
""",
)

AR = MailWords(
    language="ar",
    direction="rtl",
    reason="تصلك هذه الرسالة لأنك مشترك في «{channel}».",
    leave="إلغاء الاشتراك",
    subject="يرجى التأكيد: {channel}",
    question="""\
طلب أحدهم، ولعله أنت، أن تصله أعداد القناة «{channel}» من
{page}

لكي تصلك افتح هذه الصفحة وأكّد الطلب:

{link}

إن لم تكن أنت فلا تفعل شيئًا: لا يُرسل أي عدد إلى عنوان لم يؤكَّد.
""",
)

MAIL_WORDS: Mapping[FrameLanguage, MailWords] = {"ar": AR, "de": DE, "en": EN, "es": ES, "fr": FR}


def words_in(language: object) -> MailWords:
    """The words in a language; English for one that we do not speak."""
    return next((words for words in MAIL_WORDS.values() if words.language == language), EN)


def words_of(page: bytes) -> MailWords:
    """The words in the language of a digest's frame, as its page says."""
    root = _ROOT.search(page)
    return words_in(root[1].decode() if root else "en")
