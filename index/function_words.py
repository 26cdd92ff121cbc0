"""The function words of some languages: what every text has and no search wants, and what questions begin with."""

from __future__ import annotations


def _words(listed: str) -> frozenset[str]:
    return frozenset(listed.split())


OPENS_A_QUESTION = {
    "en": _words("who what when where why how which whose whom"),
    "de": _words("wer wen wem wessen was wann wo wohin woher wie warum wieso weshalb welche welcher welches welchen"),
    "es": _words("quién quiénes qué cuándo dónde cómo cuánto cuánta cuántos cuántas cuál cuáles quien cuando"),
    "fr": _words("qui que quoi quand où comment pourquoi combien quel quelle quels quelles qu"),
    "it": _words("chi cosa quando dove come perché quanto quanta quanti quante quale quali"),
    "pt": _words("quem que quando onde como porquê quanto quanta quantos quantas qual quais"),
    "nl": _words("wie wat wanneer waar hoe waarom welke welk hoeveel"),
}
FUNCTION_WORDS = {
    "en": OPENS_A_QUESTION["en"]
    | _words(
        """a about after all also am an and any are as at be because been before but by can could did do does for from
        had has have he her here him his i if in into is it its just more most my no not of off on or our out over
        she should since so some such than that the their them then there these they this those to under until up
        was we were while will with without would you your"""
    ),
    "de": OPENS_A_QUESTION["de"]
    | _words(
        """aber als also am an ans auch auf aus bei beim bis da damit dann das dass dem den denn der des die diese
        dieser dieses doch durch ein eine einem einen einer eines er es für gab gegen gibt habe haben hat hatte
        hatten ich ihr ihre ihren ihrer im in ins ist kein keine keinen man mehr mit nach nicht noch nur ob oder
        ohne schon sehr sein seine seinen seit sich sie sind so über um und unter viel viele vom von vor war waren
        weil wenn werden wir wird wurde wurden zu zum zur zwischen"""
    ),
    "es": OPENS_A_QUESTION["es"]
    | _words(
        """a al ante como con contra de del desde donde durante e el ella ellos en entre era eran es esa ese eso esta
        estaba están este esto estos está fue fueron ha han hasta hay había la las le les lo los muy más ni no o
        para pero por que se según ser si sin sobre son su sus también tras un una uno unos unas y ya"""
    ),
    "fr": OPENS_A_QUESTION["fr"]
    | _words(
        """a ainsi après au aux avait avant avec ce cela ces cet cette chez contre d dans de depuis des deux donc du
        elle elles en entre est et était étaient été être il ils jusqu l la le les leur leurs lors mais même n ne ni
        on ont ou par pas pendant plus pour s sa sans se selon ses son sont sous sur très un une y"""
    ),
    "it": OPENS_A_QUESTION["it"]
    | _words(
        """a ad ai al alla alle anche che ci con contro da dai dal dalla degli dei del della delle dello di dopo e ed
        era erano essere fa fino fra gli ha hanno i il in la le lo loro ma nei nel nella nelle non o per più prima
        se senza si sono stata stato su sua sui sul sulla suo suoi tra un una uno è"""
    ),
    "pt": OPENS_A_QUESTION["pt"]
    | _words(
        """a ao aos até com contra da das de depois do dos e ela ele em entre era eram esta este está foi foram há isso
        já mais mas muito na nas no nos não o os ou para pela pelas pelo pelos por ser se sem seu seus sobre sua
        suas são também tem têm um uma à às é"""
    ),
    "nl": OPENS_A_QUESTION["nl"]
    | _words(
        """aan al als bij dan dat de deze die dit door een en er geen had heb hebben heeft het hij hun ik in is kan
        maar meer met na naar niet nog of om onder ook op over sinds te tegen toen tot tussen uit van veel voor want
        waren was werd werden we wij wordt worden ze zich zij zijn zonder zou"""
    ),
}
