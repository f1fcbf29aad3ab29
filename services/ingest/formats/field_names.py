"""Under which names the fields of an article stand in JSON and tables that follow no standard.

The names are those of well-known programs and services: NewsAPI, the WordPress REST API, the
content APIs of newspapers, feed readers, scrapers (trafilatura, newspaper, news-please, fundus) and
the data sets made with them, and the same words in other languages. A name counts whatever its
case, and with or without ``_``, ``-``, ``:``, ``.`` and blanks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

_SEPARATORS = re.compile(r"[\s_\-:.#/]+")

NAMES: Mapping[str, tuple[str, ...]] = {
    "title": (
        *("title", "headline", "head_line", "news_title", "article_title", "web_title", "post_title"),
        *("headline_text", "heading", "title_text", "title_page", "title_rss", "story_title", "dc:title"),
        *("titre", "título", "titulo", "titel", "überschrift", "titolo", "başlık", "заголовок", "название"),
        *("标题", "標題", "題名", "タイトル", "제목", "العنوان", "tytuł", "rubrik", "overskrift", "kop"),
    ),
    "body": (
        *("body", "content", "text", "article_body", "body_text", "body_html", "content_html", "maintext"),
        *("main_text", "full_text", "fulltext", "plain_text", "content_text", "article_text", "html_content"),
        *("article_content", "story", "story_text", "news_content", "content_encoded", "post_content"),
        *("raw_text", "clean_text", "cleaned_text", "text_content", "article", "articles", "body_plain"),
        *(
            "texte",
            "contenu",
            "cuerpo",
            "contenido",
            "texto",
            "inhalt",
            "testo",
            "conteúdo",
            "içerik",
            "metin",
        ),
        *("текст", "内容", "正文", "內容", "本文", "내용", "본문", "النص", "treść", "brødtekst", "tekst"),
    ),
    "summary": (
        *("summary", "description", "abstract", "excerpt", "lead", "teaser", "standfirst", "trail_text"),
        *("short_description", "snippet", "subtitle", "subheadline", "sub_title", "deck", "dek", "intro"),
        *(
            "lead_paragraph",
            "chapo",
            "chapeau",
            "résumé",
            "resumen",
            "zusammenfassung",
            "vorspann",
            "summario",
        ),
        *("sommario", "resumo", "описание", "аннотация", "摘要", "概要", "요약", "الملخص"),
    ),
    "authors": (
        *("authors", "author", "byline", "creator", "dc:creator", "author_name", "writer", "writers"),
        *("reporter", "journalist", "by", "contributors", "auteur", "auteurs", "autor", "autores", "autore"),
        *("verfasser", "yazar", "автор", "авторы", "作者", "記者", "记者", "著者", "저자", "기자", "الكاتب"),
        *("skribent", "forfatter", "post_author"),
    ),
    "published_at": (
        *("published_at", "published", "date_published", "date_publish", "publish_date", "published_date"),
        *(
            "publication_date",
            "publishing_date",
            "pub_date",
            "publish_time",
            "published_time",
            "first_published",
        ),
        *("web_publication_date", "first_publication_date", "date_gmt", "date", "datetime", "date_time"),
        *("created_at", "created", "date_created", "seen_date", "timestamp", "time", "posted_at", "posted"),
        *("release_date", "issued", "dc:date", "display_date", "created_utc", "crawl_time", "published_on"),
        *(
            "published_timestamp",
            "day",
            "fecha",
            "datum",
            "data",
            "tarih",
            "дата",
            "日期",
            "时间",
            "日付",
            "날짜",
        ),
        *("التاريخ", "date_de_publication", "date_publication", "fecha_publicacion", "dato", "post_date"),
    ),
    "updated_at": (
        *(
            "updated_at",
            "updated",
            "date_modified",
            "modified",
            "modified_at",
            "date_modify",
            "last_modified",
        ),
        *("modified_gmt", "last_updated", "modification_date", "date_updated", "updated_date", "update_time"),
        *("modified_date", "edited_at", "updated_on"),
    ),
    "url": (
        *("url", "link", "permalink", "web_url", "canonical_url", "href", "source_url", "article_url"),
        *("requested_url", "responded_url", "original_url", "external_url", "uri", "canonical", "alternate"),
        *(
            "page_url",
            "story_url",
            "news_url",
            "post_url",
            "short_url",
            "share_url",
            "lien",
            "enlace",
            "ссылка",
        ),
        *("链接", "url_link"),
    ),
    "id": (
        *("id", "guid", "uuid", "uid", "_id", "article_id", "story_id", "news_id", "post_id", "item_id"),
        *("object_id", "document_id", "doc_id", "identifier", "origin_id", "content_id", "asset_id", "key"),
    ),
    "language": (
        "language",
        "lang",
        "locale",
        "language_code",
        "meta_lang",
        "in_language",
        "sprache",
        "langue",
    ),
    "keywords": (
        *("keywords", "tags", "tag", "categories", "category", "section", "section_name", "topics", "topic"),
        *("subjects", "labels", "news_desk", "article_section", "tag_list", "headline_category", "rubrique"),
        *("ressort", "sección", "seccion", "kategorie", "categoría", "catégorie", "рубрика", "теги", "标签"),
    ),
    "places": ("places", "place", "location", "locations", "dateline", "city", "geo_facet"),
    "rights": ("rights", "copyright", "license", "copyright_notice", "copyright_holder", "credit_line"),
    "slug": ("slug", "slugline"),
    "editor_note": ("editor_note", "ednote", "editors_note", "correction"),
    "image": (
        *("image", "image_url", "url_to_image", "top_image", "thumbnail", "lead_image", "img_url", "picture"),
        *("featured_image", "image_link", "images", "cover_image", "photo", "banner_image"),
    ),
    "expires_at": ("expires_at", "expires", "expiry", "expiration_date"),
    "embargo_until": ("embargo_until", "embargo", "embargoed", "embargoed_until"),
    "urgency": ("urgency",),
    "status": ("pub_status", "publication_status"),
}


@lru_cache(maxsize=4096)
def plain_name(name: str) -> str:
    """A name as it is compared: ``Published At``, ``published_at`` and ``publishedAt`` are one."""
    return _SEPARATORS.sub("", name.strip().lstrip("\ufeff")).casefold()


_FIELDS: dict[str, tuple[str, int]] = {}
for _field, _names in NAMES.items():
    for _rank, _name in enumerate(_names):
        _FIELDS.setdefault(plain_name(_name), (_field, _rank))


def field_of(name: str) -> str | None:
    """The field of an article that is called ``name``; None for a stranger."""
    found = _FIELDS.get(plain_name(name))
    return found[0] if found else None


def columns(names: Iterable[str]) -> dict[str, list[str]]:
    """The given names of each field, the usual before the odd."""
    found: dict[str, list[str]] = {}
    for name in sorted(names, key=lambda one: _FIELDS.get(plain_name(one), ("", 0))[1]):
        if field := field_of(name):
            found.setdefault(field, []).append(name)
    return found
