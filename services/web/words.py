"""The words around digests on pages, in every language that a channel may be framed in.

One table per language, so that a translator sees a language whole. Names in braces are filled in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from newsfeed.channels import FrameLanguage


@dataclass(frozen=True, slots=True)
class Words:
    """The words of pages in one language; ``locale`` gives dates and names of languages."""

    locale: str
    direction: str
    skip: str
    channels: str
    channels_motto: str
    sections: str
    no_channels: str
    archive: str
    older: str
    newest: str
    number: str
    previous: str
    next: str
    nothing_yet: str
    receive: str
    page: str
    live: str
    stream: str
    email: str
    subscribe: str
    corrected: str
    retracted: str
    later: str
    articles_one: str
    articles_more: str
    notices_only: str
    history: str
    versions: str
    version: str
    this_version: str
    withdrawn: str
    erased: str
    original: str
    source: str
    language: str
    published: str
    received: str
    entities: str
    topics: str
    first_seen: str
    revised: str
    taken_back: str
    text_erased: str
    kept_from: str


EN = Words(
    locale="en_GB",
    direction="ltr",
    skip="Skip to the content",
    channels="Channels",
    channels_motto="Each channel brings out numbered digests. Once out, a digest never changes.",
    sections="Sections",
    no_channels="No channel is defined yet.",
    archive="Archive",
    older="Older digests",
    newest="Newest digest",
    number="No. {number}",
    previous="Previous",
    next="Next",
    nothing_yet="No digest has come out yet.",
    receive="Ways to receive it",
    page="Page",
    live="Live events",
    stream="Redis stream",
    email="E-mail address",
    subscribe="Subscribe",
    corrected="Corrected since: {digests}.",
    retracted="An article of this digest was withdrawn since: {digests}.",
    later="digest no. {number}",
    articles_one="1 article",
    articles_more="{count} articles",
    notices_only="Corrections and retractions",
    history="Text and history",
    versions="Versions",
    version="Version {number}",
    this_version="shown here",
    withdrawn="Its source withdrew this article.",
    erased="The text of this article was removed.",
    original="Read it at its source",
    source="Source",
    language="Language",
    published="Published",
    received="Received",
    entities="People, places and organisations",
    topics="Topics",
    first_seen="first seen",
    revised="revised",
    taken_back="withdrawn",
    text_erased="text removed",
    kept_from="Older digests have been let go.",
)

FR = Words(
    locale="fr",
    direction="ltr",
    skip="Aller au contenu",
    channels="Fils",
    channels_motto="Chaque fil publie des éditions numérotées. Une édition parue ne change plus.",
    sections="Rubriques",
    no_channels="Aucun fil n’est encore défini.",
    archive="Archives",
    older="Éditions antérieures",
    newest="Dernière édition",
    number="Nº {number}",
    previous="Précédente",
    next="Suivante",
    nothing_yet="Aucune édition n’est encore parue.",
    receive="Comment le recevoir",
    page="Page",
    live="Événements en direct",
    stream="Flux Redis",
    email="Adresse électronique",
    subscribe="S’abonner",
    corrected="Corrigée depuis : {digests}.",
    retracted="Un article de cette édition a été retiré depuis : {digests}.",
    later="édition nº {number}",
    articles_one="1 article",
    articles_more="{count} articles",
    notices_only="Corrections et rétractations",
    history="Texte et historique",
    versions="Versions",
    version="Version {number}",
    this_version="affichée ici",
    withdrawn="La source a retiré cet article.",
    erased="Le texte de cet article a été retiré.",
    original="Lire à la source",
    source="Source",
    language="Langue",
    published="Publié",
    received="Reçu",
    entities="Personnes, lieux et organisations",
    topics="Thèmes",
    first_seen="vu pour la première fois",
    revised="révisé",
    taken_back="retiré",
    text_erased="texte retiré",
    kept_from="Les éditions plus anciennes n’ont pas été conservées.",
)

DE = Words(
    locale="de",
    direction="ltr",
    skip="Zum Inhalt",
    channels="Kanäle",
    channels_motto="Jeder Kanal bringt nummerierte Ausgaben. Was erschienen ist, ändert sich nicht mehr.",
    sections="Rubriken",
    no_channels="Noch ist kein Kanal festgelegt.",
    archive="Archiv",
    older="Ältere Ausgaben",
    newest="Neueste Ausgabe",
    number="Nr. {number}",
    previous="Vorige",
    next="Nächste",
    nothing_yet="Noch ist keine Ausgabe erschienen.",
    receive="Wege, ihn zu beziehen",
    page="Seite",
    live="Ereignisse",
    stream="Redis-Stream",
    email="E-Mail-Adresse",
    subscribe="Abonnieren",
    corrected="Seither berichtigt: {digests}.",
    retracted="Ein Artikel dieser Ausgabe wurde seither zurückgezogen: {digests}.",
    later="Ausgabe Nr. {number}",
    articles_one="1 Artikel",
    articles_more="{count} Artikel",
    notices_only="Berichtigungen und Rücknahmen",
    history="Text und Verlauf",
    versions="Fassungen",
    version="Fassung {number}",
    this_version="hier zu sehen",
    withdrawn="Die Quelle hat diesen Artikel zurückgezogen.",
    erased="Der Text dieses Artikels wurde entfernt.",
    original="Bei der Quelle lesen",
    source="Quelle",
    language="Sprache",
    published="Veröffentlicht",
    received="Eingegangen",
    entities="Personen, Orte und Organisationen",
    topics="Themen",
    first_seen="zuerst gesehen",
    revised="überarbeitet",
    taken_back="zurückgezogen",
    text_erased="Text entfernt",
    kept_from="Ältere Ausgaben sind nicht mehr da.",
)

ES = Words(
    locale="es",
    direction="ltr",
    skip="Ir al contenido",
    channels="Canales",
    channels_motto="Cada canal publica números sucesivos. Un número publicado ya no cambia.",
    sections="Secciones",
    no_channels="Todavía no hay ningún canal.",
    archive="Archivo",
    older="Números anteriores",
    newest="Último número",
    number="N.º {number}",
    previous="Anterior",
    next="Siguiente",
    nothing_yet="Todavía no ha salido ningún número.",
    receive="Cómo recibirlo",
    page="Página",
    live="Eventos en directo",
    stream="Flujo de Redis",
    email="Correo electrónico",
    subscribe="Suscribirse",
    corrected="Corregido después: {digests}.",
    retracted="Un artículo de este número se retiró después: {digests}.",
    later="número {number}",
    articles_one="1 artículo",
    articles_more="{count} artículos",
    notices_only="Correcciones y retractaciones",
    history="Texto e historial",
    versions="Versiones",
    version="Versión {number}",
    this_version="la que se ve aquí",
    withdrawn="Su fuente retiró este artículo.",
    erased="El texto de este artículo ha sido retirado.",
    original="Leer en la fuente",
    source="Fuente",
    language="Idioma",
    published="Publicado",
    received="Recibido",
    entities="Personas, lugares y organizaciones",
    topics="Temas",
    first_seen="visto por primera vez",
    revised="revisado",
    taken_back="retirado",
    text_erased="texto retirado",
    kept_from="Los números más antiguos ya no se conservan.",
)

AR = Words(
    locale="ar",
    direction="rtl",
    skip="إلى المحتوى",
    channels="القنوات",
    channels_motto="تصدر كل قناة أعدادًا مرقّمة، والعدد الصادر لا يتغير.",
    sections="الأقسام",
    no_channels="لم تُعرَّف أي قناة بعد.",
    archive="الأرشيف",
    older="أعداد أقدم",
    newest="أحدث عدد",
    number="العدد {number}",
    previous="السابق",
    next="التالي",
    nothing_yet="لم يصدر أي عدد بعد.",
    receive="طرق الاستلام",
    page="صفحة",
    live="أحداث مباشرة",
    stream="مجرى Redis",
    email="البريد الإلكتروني",
    subscribe="اشترك",
    corrected="صُحح لاحقًا: {digests}.",
    retracted="سُحبت لاحقًا مقالة من هذا العدد: {digests}.",
    later="العدد {number}",
    articles_one="مقالة واحدة",
    articles_more="عدد المقالات: {count}",
    notices_only="تصويبات ومقالات مسحوبة",
    history="النص والسجل",
    versions="النسخ",
    version="النسخة {number}",
    this_version="المعروضة هنا",
    withdrawn="سحب المصدر هذه المقالة.",
    erased="حُذف نص هذه المقالة.",
    original="اقرأها لدى المصدر",
    source="المصدر",
    language="اللغة",
    published="نُشرت",
    received="وصلت",
    entities="أشخاص وأماكن ومنظمات",
    topics="المواضيع",
    first_seen="شوهدت أول مرة",
    revised="نُقحت",
    taken_back="سُحبت",
    text_erased="حُذف النص",
    kept_from="لم تعد الأعداد الأقدم محفوظة.",
)

WORDS: Mapping[FrameLanguage, Words] = {"ar": AR, "de": DE, "en": EN, "es": ES, "fr": FR}
