"""A story as news agencies send it."""

from __future__ import annotations

from benchmarks.stories import Story


def nitf(story: Story) -> str:
    """As NITF 3.4."""
    return (
        '<?xml version="1.0" encoding="utf-8"?><nitf version="-//IPTC//DTD NITF 3.4//EN" xml:lang="en"><head>'
        f'<title>{story.title}</title><docdata><doc-id regsrc="NCN" id-string="ncn-{story.number}"/>'
        '<urgency ed-urg="4"/><date.issue norm="20260305T101500Z"/><doc.copyright holder="NCN" year="2026"/>'
        '<key-list><keyword key="ferry"/></key-list></docdata></head><body><body.head>'
        f"<hedline><hl1>{story.title}</hl1></hedline><byline>By ANN LEE</byline>"
        "<dateline><location>PORT ELLIS</location></dateline></body.head>"
        f"<body.content>{story.html}</body.content></body></nitf>"
    )


def newsml(story: Story) -> str:
    """As an envelope of NewsML 1.2 around NITF."""
    return (
        '<?xml version="1.0" encoding="utf-8"?><NewsML Version="1.2"><NewsEnvelope>'
        '<DateAndTime>20260305T101500Z</DateAndTime></NewsEnvelope><NewsItem xml:lang="en"><Identification>'
        f"<NewsIdentifier><ProviderId>ncn.example</ProviderId><DateId>20260305</DateId><NewsItemId>N{story.number}</NewsItemId>"
        '<RevisionId PreviousRevision="0" Update="N">1</RevisionId><PublicIdentifier>'
        f"urn:newsml:ncn.example:20260305:N{story.number}:1</PublicIdentifier></NewsIdentifier></Identification>"
        '<NewsManagement><NewsItemType FormalName="News"/><FirstCreated>20260305T101500Z</FirstCreated>'
        '<ThisRevisionCreated>20260305T101500Z</ThisRevisionCreated><Status FormalName="Usable"/>'
        '<Urgency FormalName="4"/></NewsManagement><NewsComponent><NewsLines>'
        f"<HeadLine>{story.title}</HeadLine><ByLine>By ANN LEE</ByLine>"
        "<DateLine>PORT ELLIS, March 5</DateLine><CopyrightLine>NCN</CopyrightLine></NewsLines>"
        '<DescriptiveMetadata><Language FormalName="en"/>'
        '<Property FormalName="Keyword" Value="ferry"/></DescriptiveMetadata><ContentItem>'
        f'<Format FormalName="NITF3.1"/><DataContent><nitf><body><body.content>{story.html}'
        "</body.content></body></nitf></DataContent></ContentItem></NewsComponent></NewsItem></NewsML>"
    )


def newsml_g2(story: Story) -> str:
    """As a news item of NewsML-G2 around XHTML."""
    return (
        '<?xml version="1.0" encoding="utf-8"?><newsItem xmlns="http://iptc.org/std/nar/2006-10-01/" '
        f'guid="tag:ncn.example,2026:{story.number}" version="1" standard="NewsML-G2" standardversion="2.30" '
        'xml:lang="en"><rightsInfo><copyrightHolder literal="NCN"/></rightsInfo><itemMeta>'
        "<versionCreated>2026-03-05T10:15:00Z</versionCreated><firstCreated>2026-03-05T10:15:00Z</firstCreated>"
        '<pubStatus qcode="stat:usable"/></itemMeta><contentMeta><urgency>4</urgency><by>By ANN LEE</by>'
        f'<language tag="en"/><subject qcode="medtop:20000337"/><headline>{story.title}</headline>'
        "<dateline>PORT ELLIS, March 5</dateline></contentMeta><contentSet>"
        '<inlineXML contenttype="application/xhtml+xml"><html xmlns="http://www.w3.org/1999/xhtml"><body>'
        f"{story.html}</body></html></inlineXML></contentSet></newsItem>"
    )


def iptc7901(story: Story) -> str:
    """As a framed telegram."""
    lines = "\n".join(f"   {text}" for text in story.paragraphs)
    head = f"\x01ncn062 4 pol 211  ncn 0415\n\nNorthland-politics/\n{story.title} =\n"
    return f"{head}\x02{lines}\n\x03\n\n050415 GMT Mar 26\n\x04"


def anpa(story: Story) -> str:
    """As a telegram of the American wires."""
    lines = "\n".join(f"\t   {text}" for text in story.paragraphs)
    return (
        "W2870asian-----\nf lbc-LT--Northland-FerryB     03-05 1049\n^BC-LT--Northland-Ferry,466<\n"
        f"^{story.title}<\n^By ANN LEE=\n^Associated Press=\n{lines}\n\n\t   AP-WF-03-05-26 1015GMT<\n"
    )
