"""A digest's own words, in every language that a channel may be framed in.

One table per language, so that a translator sees a language whole. Names in braces are filled in;
plural forms are CLDR's (``zero``, ``one``, ``two``, ``few``, ``many``, ``other``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from newsfeed.channels import FrameLanguage


@dataclass(frozen=True, slots=True)
class Frame:
    """The words around the news in one language; ``locale`` gives dates and names of languages."""

    locale: str
    number: str
    period: str
    period_open: str
    articles: Mapping[str, str]
    more: Mapping[str, str]
    notices: str
    items: str
    correction: str
    retraction: str
    corrects: str
    retracts: str
    erased: str
    empty: str
    published: str
    received: str
    untitled_notice: str
    why: str
    why_topic: str
    why_entity: str
    why_language: str
    why_source: str
    why_place: str
    why_story: str
    why_urgency: str
    why_words: str
    why_everything: str
    people_and_places: str
    topics: str
    fingerprint: str
    skip: str
    also: str
    develops: str
    retracted: str
    revised: str
    supersedes: str
    superseded: str
    comma: str = ", "


EN = Frame(
    locale="en_GB",
    number="No. {number}",
    period="{opened} – {closed}",
    period_open="until {closed}",
    articles={"one": "{count} article", "other": "{count} articles"},
    more={"one": "And {count} more article", "other": "And {count} more articles"},
    notices="Corrections and retractions",
    items="In this digest",
    correction="Correction",
    retraction="Retraction",
    corrects="Corrects digest no. {digest}.",
    retracts="Its source withdrew an article that digest no. {digest} carried.",
    erased="[The text of this article was removed.]",
    empty="Nothing new in this period.",
    published="Published {moment}",
    received="received {moment}",
    untitled_notice="An article was withdrawn",
    why="Why it is here",
    why_topic="topic: {name}",
    why_entity="mentions {name}",
    why_language="written in {name}",
    why_source="source: {name}",
    why_place="place: {name}",
    why_story="part of a story that is followed",
    why_urgency="urgency: {name}",
    why_words="contains “{name}”",
    why_everything="this channel carries everything",
    people_and_places="People, places and organisations",
    topics="Topics",
    fingerprint="Fingerprint of this digest (SHA-256)",
    skip="Skip to the articles",
    also="Also reported by",
    develops="Developing since digest no. {digest}",
    retracted="[Withdrawn by its source; see digest no. {digest}.]",
    revised="Revision {revision}, {moment}: what was withdrawn since is no longer shown.",
    supersedes="Replaces digest no. {digest}, from which something was withdrawn.",
    superseded="Replaced by digest no. {digest}.",
)

FR = Frame(
    locale="fr",
    number="Nº {number}",
    period="{opened} – {closed}",
    period_open="jusqu’au {closed}",
    articles={"one": "{count} article", "other": "{count} articles"},
    more={"one": "Et {count} autre article", "other": "Et {count} autres articles"},
    notices="Corrections et rétractations",
    items="Dans cette édition",
    correction="Correction",
    retraction="Rétractation",
    corrects="Corrige l’édition nº {digest}.",
    retracts="La source a retiré un article paru dans l’édition nº {digest}.",
    erased="[Le texte de cet article a été retiré.]",
    empty="Rien de nouveau pendant cette période.",
    published="Publié {moment}",
    received="reçu {moment}",
    untitled_notice="Un article a été retiré",
    why="Pourquoi il est ici",
    why_topic="thème : {name}",
    why_entity="mentionne {name}",
    why_language="langue : {name}",
    why_source="source : {name}",
    why_place="lieu : {name}",
    why_story="fait partie d’une affaire suivie",
    why_urgency="urgence : {name}",
    why_words="contient « {name} »",
    why_everything="ce fil contient tout",
    people_and_places="Personnes, lieux et organisations",
    topics="Thèmes",
    fingerprint="Empreinte de cette édition (SHA-256)",
    skip="Aller aux articles",
    also="Également rapporté par",
    develops="Suite de l’édition nº {digest}",
    retracted="[Retiré par sa source ; voir l’édition nº {digest}.]",
    revised="Révision {revision}, {moment} : ce qui a été retiré depuis n’est plus affiché.",
    supersedes="Remplace l’édition nº {digest}, dont un article a été retiré.",
    superseded="Remplacée par l’édition nº {digest}.",
)

DE = Frame(
    locale="de",
    number="Nr. {number}",
    period="{opened} – {closed}",
    period_open="bis {closed}",
    articles={"one": "{count} Artikel", "other": "{count} Artikel"},
    more={"one": "Und {count} weiterer Artikel", "other": "Und {count} weitere Artikel"},
    notices="Berichtigungen und Rücknahmen",
    items="In dieser Ausgabe",
    correction="Berichtigung",
    retraction="Rücknahme",
    corrects="Berichtigt die Ausgabe Nr. {digest}.",
    retracts="Die Quelle hat einen Artikel der Ausgabe Nr. {digest} zurückgezogen.",
    erased="[Der Text dieses Artikels wurde entfernt.]",
    empty="Nichts Neues in diesem Zeitraum.",
    published="Veröffentlicht {moment}",
    received="eingegangen {moment}",
    untitled_notice="Ein Artikel wurde zurückgezogen",
    why="Warum hier",
    why_topic="Thema: {name}",
    why_entity="nennt {name}",
    why_language="Sprache: {name}",
    why_source="Quelle: {name}",
    why_place="Ort: {name}",
    why_story="gehört zu einer verfolgten Geschichte",
    why_urgency="Dringlichkeit: {name}",
    why_words="enthält „{name}“",
    why_everything="dieser Kanal enthält alles",
    people_and_places="Personen, Orte und Organisationen",
    topics="Themen",
    fingerprint="Prüfsumme dieser Ausgabe (SHA-256)",
    skip="Zu den Artikeln",
    also="Ebenfalls gemeldet von",
    develops="Fortsetzung aus der Ausgabe Nr. {digest}",
    retracted="[Von der Quelle zurückgezogen; siehe Ausgabe Nr. {digest}.]",
    revised="Fassung {revision}, {moment}: Was seither zurückgezogen wurde, ist nicht mehr zu sehen.",
    supersedes="Ersetzt die Ausgabe Nr. {digest}, aus der etwas zurückgezogen wurde.",
    superseded="Ersetzt durch die Ausgabe Nr. {digest}.",
)

ES = Frame(
    locale="es",
    number="N.º {number}",
    period="{opened} – {closed}",
    period_open="hasta el {closed}",
    articles={"one": "{count} artículo", "other": "{count} artículos"},
    more={"one": "Y {count} artículo más", "other": "Y {count} artículos más"},
    notices="Correcciones y retractaciones",
    items="En este número",
    correction="Corrección",
    retraction="Retractación",
    corrects="Corrige el número {digest}.",
    retracts="La fuente retiró un artículo publicado en el número {digest}.",
    erased="[El texto de este artículo ha sido retirado.]",
    empty="Nada nuevo en este período.",
    published="Publicado: {moment}",
    received="recibido: {moment}",
    untitled_notice="Se ha retirado un artículo",
    why="Por qué está aquí",
    why_topic="tema: {name}",
    why_entity="menciona a {name}",
    why_language="idioma: {name}",
    why_source="fuente: {name}",
    why_place="lugar: {name}",
    why_story="forma parte de una historia seguida",
    why_urgency="urgencia: {name}",
    why_words="contiene «{name}»",
    why_everything="este canal lo contiene todo",
    people_and_places="Personas, lugares y organizaciones",
    topics="Temas",
    fingerprint="Huella de este número (SHA-256)",
    skip="Ir a los artículos",
    also="También lo cuentan",
    develops="Continuación del número {digest}",
    retracted="[Retirado por su fuente; véase el número {digest}.]",
    revised="Revisión {revision}, {moment}: lo retirado desde entonces ya no se muestra.",
    supersedes="Sustituye al número {digest}, del que se ha retirado algo.",
    superseded="Sustituido por el número {digest}.",
)

AR = Frame(
    locale="ar",
    number="العدد {number}",
    period="{opened} – {closed}",
    period_open="حتى {closed}",
    articles={
        "zero": "لا مقالات",
        "one": "مقالة واحدة",
        "two": "مقالتان",
        "few": "{count} مقالات",
        "many": "{count} مقالة",
        "other": "{count} مقالة",
    },
    more={
        "one": "ومقالة أخرى",
        "two": "ومقالتان أخريان",
        "few": "و{count} مقالات أخرى",
        "many": "و{count} مقالة أخرى",
        "other": "و{count} مقالة أخرى",
    },
    notices="تصويبات ومقالات مسحوبة",
    items="في هذا العدد",
    correction="تصويب",
    retraction="سحب",
    corrects="تصويب لما ورد في العدد {digest}.",
    retracts="سحب المصدر مقالة وردت في العدد {digest}.",
    erased="[حُذف نص هذه المقالة.]",
    empty="لا جديد في هذه الفترة.",
    published="نُشرت {moment}",
    received="وصلت {moment}",
    untitled_notice="سُحبت مقالة",
    why="سبب ورودها هنا",
    why_topic="الموضوع: {name}",
    why_entity="تذكر {name}",
    why_language="اللغة: {name}",
    why_source="المصدر: {name}",
    why_place="مكان: {name}",
    why_story="جزء من قصة تجري متابعتها",
    why_urgency="الاستعجال: {name}",
    why_words="يحتوي على «{name}»",
    why_everything="هذه القناة تنقل كل شيء",
    people_and_places="أشخاص وأماكن ومنظمات",
    topics="المواضيع",
    fingerprint="بصمة هذا العدد (SHA-256)",
    skip="إلى المقالات",
    also="ورد أيضًا لدى",
    develops="متابعة لما ورد في العدد {digest}",
    retracted="[سحبها المصدر؛ انظر العدد {digest}.]",
    revised="النسخة {revision}، {moment}: ما سُحب منذ صدور العدد لم يعد معروضًا.",
    supersedes="يحل محل العدد {digest} الذي سُحب منه شيء.",
    superseded="حل محله العدد {digest}.",
    comma="، ",
)

FRAMES: Mapping[FrameLanguage, Frame] = {"ar": AR, "de": DE, "en": EN, "es": ES, "fr": FR}
