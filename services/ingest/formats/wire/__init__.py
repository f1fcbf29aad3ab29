"""The formats of news agencies: NITF, NewsML 1, NewsML-G2, IPTC 7901 and ANPA 1312."""
