"""The words of the forms by which one subscribes, confirms and leaves; one table per language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from newsfeed.channels import FrameLanguage


@dataclass(frozen=True, slots=True)
class FormWords:
    """The words of forms in one language."""

    asked: str
    asked_more: str
    confirm: str
    confirm_ask: str
    confirmed: str
    confirmed_more: str
    unsubscribe: str
    unsubscribe_ask: str
    unsubscribed: str
    unsubscribed_more: str
    refused: str
    back: str


EN = FormWords(
    asked="One step more",
    asked_more="We have sent you a message with a link. Nothing else is sent before you follow it.",
    confirm="Confirm",
    confirm_ask="Do you want to receive the digests of “{channel}”?",
    confirmed="You are subscribed",
    confirmed_more="The next digest of “{channel}” will reach you. Every message has a link to leave.",
    unsubscribe="Unsubscribe",
    unsubscribe_ask="Do you want no more digests of “{channel}”?",
    unsubscribed="You have unsubscribed",
    unsubscribed_more="No digest of “{channel}” will be sent to you any more.",
    refused="That did not work",
    back="Back to the channel",
)

FR = FormWords(
    asked="Encore une étape",
    asked_more="Un message avec un lien vous a été envoyé. Rien d’autre ne part avant que vous le suiviez.",
    confirm="Confirmer",
    confirm_ask="Voulez-vous recevoir les éditions de « {channel} » ?",
    confirmed="Vous êtes abonné",
    confirmed_more="La prochaine édition de « {channel} » vous parviendra. Chaque message permet de partir.",
    unsubscribe="Se désabonner",
    unsubscribe_ask="Ne voulez-vous plus recevoir les éditions de « {channel} » ?",
    unsubscribed="Vous êtes désabonné",
    unsubscribed_more="Aucune édition de « {channel} » ne vous sera plus envoyée.",
    refused="Cela n’a pas marché",
    back="Retour au fil",
)

DE = FormWords(
    asked="Noch ein Schritt",
    asked_more="Wir haben Ihnen einen Link geschickt. Vorher kommt nichts weiter von uns.",
    confirm="Bestätigen",
    confirm_ask="Möchten Sie die Ausgaben von „{channel}“ bekommen?",
    confirmed="Sie haben abonniert",
    confirmed_more="Die nächste Ausgabe von „{channel}“ kommt zu Ihnen. Jede lässt sich abbestellen.",
    unsubscribe="Abbestellen",
    unsubscribe_ask="Möchten Sie keine Ausgaben von „{channel}“ mehr?",
    unsubscribed="Abbestellt",
    unsubscribed_more="Sie bekommen keine Ausgaben von „{channel}“ mehr.",
    refused="Das ging nicht",
    back="Zurück zum Kanal",
)

ES = FormWords(
    asked="Falta un paso",
    asked_more="Le hemos enviado un enlace. No se enviará nada más hasta que lo siga.",
    confirm="Confirmar",
    confirm_ask="¿Quiere recibir los números de «{channel}»?",
    confirmed="Suscripción confirmada",
    confirmed_more="Recibirá el próximo número de «{channel}». Cada mensaje permite darse de baja.",
    unsubscribe="Darse de baja",
    unsubscribe_ask="¿No quiere recibir más números de «{channel}»?",
    unsubscribed="Se ha dado de baja",
    unsubscribed_more="No recibirá más números de «{channel}».",
    refused="No ha sido posible",
    back="Volver al canal",
)

AR = FormWords(
    asked="بقيت خطوة واحدة",
    asked_more="أرسلنا إليك رسالة فيها رابط، ولن يُرسل شيء آخر قبل أن تفتحه.",
    confirm="تأكيد",
    confirm_ask="هل تريد استلام أعداد «{channel}»؟",
    confirmed="تم الاشتراك",
    confirmed_more="سيصلك العدد القادم من «{channel}»، وفي كل رسالة رابط لإلغاء الاشتراك.",
    unsubscribe="إلغاء الاشتراك",
    unsubscribe_ask="ألا تريد استلام أعداد «{channel}» بعد الآن؟",
    unsubscribed="أُلغي الاشتراك",
    unsubscribed_more="لن تصلك أعداد «{channel}» بعد الآن.",
    refused="تعذر ذلك",
    back="العودة إلى القناة",
)

FORM_WORDS: Mapping[FrameLanguage, FormWords] = {"ar": AR, "de": DE, "en": EN, "es": ES, "fr": FR}
