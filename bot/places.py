"""Names of places that news is about: countries, states, large cities and regions, in lower case.

Not a gazetteer: it only has to tell "Iraq" from "Obama" where a question gives no other hint.
"""

from __future__ import annotations

COUNTRIES = frozenset(
    name.strip()
    for name in """afghanistan, albania, algeria, andorra, angola, argentina, armenia, australia, austria, azerbaijan,
    the bahamas, bahrain, bangladesh, barbados, belarus, belgium, belize, benin, bhutan, bolivia, bosnia, botswana,
    brazil, britain, brunei, bulgaria, burkina faso, burma, burundi, cambodia, cameroon, canada, chad, chile, china,
    colombia, congo, costa rica, croatia, cuba, cyprus, denmark, djibouti, ecuador, egypt, el salvador, england,
    eritrea, estonia, ethiopia, fiji, finland, france, gabon, gambia, georgia, germany, ghana, greece, guatemala,
    guinea, guyana, haiti, honduras, hungary, iceland, india, indonesia, iran, iraq, ireland, israel, italy,
    ivory coast, jamaica, japan, jordan, kazakhstan, kenya, kosovo, kuwait, kyrgyzstan, laos, latvia, lebanon,
    lesotho, liberia, libya, liechtenstein, lithuania, luxembourg, madagascar, malawi, malaysia, maldives, mali,
    malta, mauritania, mauritius, mexico, moldova, monaco, mongolia, montenegro, morocco, mozambique, myanmar,
    namibia, nepal, netherlands, new zealand, nicaragua, niger, nigeria, north korea, north macedonia,
    northern ireland, norway, oman, pakistan, palestine, panama, papua new guinea, paraguay, peru, philippines,
    poland, portugal, puerto rico, qatar, romania, russia, rwanda, samoa, saudi arabia, scotland, senegal, serbia,
    sierra leone, singapore, slovakia, slovenia, somalia, south africa, south korea, south sudan, soviet union, spain,
    sri lanka, sudan, suriname, sweden, switzerland, syria, taiwan, tajikistan, tanzania, thailand, tibet, togo,
    tonga, trinidad, tunisia, turkey, turkmenistan, uganda, ukraine, united arab emirates, united kingdom,
    united states, united states of america, uruguay, uzbekistan, vatican, venezuela, vietnam, wales, yemen, zambia,
    zimbabwe, us, u.s, usa, u.s.a, uk, u.k, uae, america, korea, macedonia""".split(",")
)
REGIONS = frozenset(
    name.strip()
    for name in """africa, antarctica, asia, europe, latin america, north america, south america, middle east,
    central america, caribbean, balkans, scandinavia, siberia, crimea, donbas, gaza, west bank, golan heights, kashmir,
    kurdistan, catalonia, bavaria, sicily, hawaii, alabama, alaska, arizona, arkansas, california, colorado,
    connecticut, delaware, florida, idaho, illinois, indiana, iowa, kansas, kentucky, louisiana, maine, maryland,
    massachusetts, michigan, minnesota, mississippi, missouri, montana, nebraska, nevada, new hampshire, new jersey,
    new mexico, new york, north carolina, north dakota, ohio, oklahoma, oregon, pennsylvania, rhode island,
    south carolina, south dakota, tennessee, texas, utah, vermont, virginia, west virginia, wisconsin, wyoming,
    ontario, quebec, british columbia, alberta, queensland, new south wales, tasmania, brooklyn, manhattan, bronx,
    queens, guam, greenland, silicon valley, mars""".split(",")
)
CITIES = frozenset(
    name.strip()
    for name in """aleppo, algiers, amsterdam, ankara, athens, atlanta, auckland, austin, baghdad, baltimore, bangkok,
    barcelona, beijing, beirut, belfast, belgrade, benghazi, berlin, birmingham, bogota, bombay, boston, brussels,
    bucharest, budapest, buenos aires, buffalo, cairo, calcutta, cape town, caracas, charlotte, charlottesville,
    chicago, cincinnati, cleveland, cologne, copenhagen, dallas, damascus, delhi, denver, detroit, doha, donetsk,
    dubai, dublin, edinburgh, fallujah, frankfurt, geneva, glasgow, hague, hamburg, hanoi, havana, helsinki,
    hiroshima, hong kong, honolulu, houston, indianapolis, islamabad, istanbul, jakarta, jerusalem, johannesburg,
    kabul, kandahar, karachi, kharkiv, khartoum, kherson, kiev, kinshasa, kolkata, kyiv, lagos, las vegas, lima,
    lisbon, liverpool, london, los angeles, lyon, madrid, manchester, manila, mariupol, marseille, mecca, melbourne,
    memphis, miami, milan, milwaukee, minneapolis, minsk, mogadishu, montreal, moscow, mosul, mumbai, munich,
    nairobi, naples, nashville, new delhi, new orleans, new york city, nice, odesa, oslo, ottawa, oxford, paris,
    pearl harbor, philadelphia, phoenix, pittsburgh, portland, prague, pyongyang, raqqa, riga, rio de janeiro,
    riyadh, rome, sacramento, salt lake city, san diego, san francisco, san juan, santiago, sao paulo, sarajevo,
    seattle, seoul, shanghai, stockholm, sydney, taipei, tampa, tehran, tel aviv, tokyo, toronto, tripoli, tunis,
    uvalde, vancouver, venice, vienna, vilnius, warsaw, washington, washington dc, washington d.c, wuhan,
    zurich""".split(",")
)
PLACES = COUNTRIES | REGIONS | CITIES
