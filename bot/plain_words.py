"""English words that checking must know: sentence openers that are no names, and irregular verbs."""

from __future__ import annotations

# Words that begin a sentence of an answer and are no names. A name is never put here, so that an unknown word is
# taken for one: to ask for too much is the safe error.
OPENERS = frozenset(
    "a about above according additionally after again all almost alone along already also although altogether always "
    "amid among an and another any anyone approximately around as at authorities because before being besides both but "
    "by city climate consequently critics currently customers despite doctors due during each earlier eight either "
    "eleven emergency employees engineers even eventually every everyone everything evacuated evidence experts farmers "
    "few fewer finally firefighters five floods for former four from further furthermore given government half he her "
    "here hers his history how however hundreds i if in indeed initially inside instead investigators it its just "
    "lawmakers lawyers later least leaders less like local locals many maybe meanwhile members men military ministers "
    "more moreover most much my nearly neither never nevertheless nine no nobody none nor not nothing now numerous of "
    "off officers officials on once one only or other others otherwise our out outside over overall parents parliament "
    "passengers people perhaps police politicians previously prices prosecutors protesters rather recent recently "
    "reporters rescuers rescue researchers residents roughly schools scientists second seven several she similarly "
    "since six so soldiers some someone sometimes soon speaking specifically state still students such teachers ten "
    "that the their them then there therefore these they thieves third this those though thousands three through "
    "throughout thus to today together total twelve twenty two under union unless unlike until upon ultimately using "
    "various victims voters volunteers was we were what whatever when where whereas whether which while who whose why "
    "with within without witnesses women workers yes yesterday yet you your".split()
)

PRESENT_TENSE = {
    form: present
    for present, forms in (
        entry.split(":")
        for entry in "arise:arose,arisen become:became begin:began,begun bite:bit,bitten blow:blew,blown "
        "break:broke,broken bring:brought build:built buy:bought catch:caught choose:chose,chosen come:came deal:dealt "
        "draw:drew,drawn drink:drank,drunk drive:drove,driven eat:ate,eaten fall:fell,fallen feel:felt fight:fought "
        "find:found flee:fled fly:flew,flown forbid:forbade,forbidden forget:forgot,forgotten freeze:froze,frozen "
        "get:got,gotten give:gave,given go:went,gone grow:grew,grown hang:hung hear:heard hide:hid,hidden hold:held "
        "keep:kept know:knew,known lay:laid lead:led leave:left lend:lent lose:lost make:made mean:meant meet:met "
        "pay:paid ride:rode,ridden ring:rang,rung rise:rose,risen run:ran see:saw,seen seek:sought sell:sold send:sent "
        "shake:shook,shaken shoot:shot shrink:shrank,shrunk sing:sang,sung sink:sank,sunk sit:sat sleep:slept "
        "speak:spoke,spoken spend:spent stand:stood steal:stole,stolen stick:stuck strike:struck,stricken swear:swore,"
        "sworn sweep:swept swim:swam,swum take:took,taken teach:taught tear:tore,torn tell:told think:thought "
        "throw:threw,thrown understand:understood wake:woke,woken wear:wore,worn win:won withdraw:withdrew,withdrawn "
        "write:wrote,written die:dying lie:lying".split()
    )
    for form in forms.split(",")
}
