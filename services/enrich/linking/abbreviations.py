"""How English news shortens the state or province after a town, as in ``Columbus, Ga.``, or does not."""

from __future__ import annotations

from collections.abc import Sequence

from services.enrich.text import Token

_FORMS = """
    alabama: AL Ala; alaska: AK; arizona: AZ Ariz; arkansas: AR Ark; california: CA Calif; colorado: CO Colo;
    connecticut: CT Conn; delaware: DE Del; florida: FL Fla; georgia: GA Ga; hawaii: HI; idaho: ID;
    illinois: IL Ill; indiana: IN Ind; iowa: IA; kansas: KS Kan; kentucky: KY Ky; louisiana: LA La; maine: ME;
    maryland: MD Md; massachusetts: MA Mass; michigan: MI Mich; minnesota: MN Minn; mississippi: MS Miss;
    missouri: MO Mo; montana: MT Mont; nebraska: NE Neb; nevada: NV Nev; new hampshire: NH N.H.;
    new jersey: NJ N.J.; new mexico: NM N.M.; new york: NY N.Y.; north carolina: NC N.C.;
    north dakota: ND N.D.; ohio: OH; oklahoma: OK Okla; oregon: OR Ore; pennsylvania: PA Pa;
    rhode island: RI R.I.; south carolina: SC S.C.; south dakota: SD S.D.; tennessee: TN Tenn; texas: TX Tex;
    utah: UT; vermont: VT Vt; virginia: VA Va; washington: WA Wash; west virginia: WV W.Va; wisconsin: WI Wis;
    wyoming: WY Wyo; ontario: ON Ont; quebec: QC Que; british columbia: BC B.C.; alberta: AB Alta;
    manitoba: MB Man; saskatchewan: SK Sask; nova scotia: NS N.S.; new brunswick: NB N.B.;
    new south wales: NSW; queensland: QLD Qld; victoria: VIC Vic; tasmania: TAS Tas; south australia: SA;
    western australia: WA
"""
_NAMES: dict[str, str] = {}
for _entry in _FORMS.split(";"):
    _name, _, _shorts = _entry.strip().partition(": ")
    for _short in _shorts.split():
        _NAMES.setdefault(_short.rstrip("."), _name)


_WHOLE = {tuple(_name.split()) for _name in _NAMES.values()}


def state_after(tokens: Sequence[Token], index: int) -> str | None:
    """The key of the state that stands after the comma at ``index``, in full or in its short form."""
    if index + 1 >= len(tokens) or tokens[index].text != "," or tokens[index + 1].opens:
        return None
    after = tuple(token.key for token in tokens[index + 1 : index + 4])
    whole = next((after[:length] for length in (3, 2, 1) if after[:length] in _WHOLE), None)
    return " ".join(whole) if whole else _NAMES.get(tokens[index + 1].text.rstrip("."))
