"""Plain phrases beside the learnt half of the triage. They catch what nobody may miss and what numbers are
bad at: who the head is, what an image is, and words so grave that no model is asked.

They were written from a few hundred messages and miss most of what people really type: alone they are a
fallback, and `triage.triage_ready` makes the clerk say so.
"""

import re
from typing import Literal

Level = Literal["emergency", "dsl", "headteacher"]


def plain(text: str) -> str:
    """Small letters, straight quotes, single spaces."""
    return re.sub(r"\s+", " ", text.casefold().replace("’", "'").replace("‘", "'")).strip()


def grave(text: str) -> bool:
    """Words that always get the emergency card, unless they stand in a question about policy or teaching."""
    said = plain(text)
    return bool(_GRAVE.search(said)) and not in_general(text)


def in_general(text: str) -> bool:
    """It asks about policy, teaching, training, a post or a machine, and nobody real is spoken of."""
    said = plain(text)
    return bool(_IN_GENERAL.search(said)) and not _SOMEBODY.search(said)


def asks_ahead(text: str) -> bool:
    """It asks how something would be done one day, and speaks of nobody in particular."""
    said = plain(text)
    return bool(_AHEAD.search(said)) and not _SOMEBODY.search(said) and not _IN_PARTICULAR.search(said)


def by_phrases(text: str) -> Level | None:
    """The level by phrases alone: the fallback."""
    said = plain(text)
    if _GENERAL_ALONE.search(said) and not _SOMEBODY.search(said):
        return None
    if _GRAVE.search(said) or _EMERGENCY.search(said):
        return "emergency"
    if _STAFF_CONDUCT.search(said):
        return "headteacher"
    if speaks_of_image(text) or _DISCLOSURE.search(said):
        return "dsl"
    return None


def speaks_of_image(text: str) -> bool:
    """It may be about a sexual image of somebody under 18 (must 4)."""
    said = plain(text)
    return bool(_IMAGE.search(said) and _CHILD.search(said) and not _IN_GENERAL.search(said)) or bool(
        _IMAGE.search(said) and _SOMEBODY.search(said)
    )


def about_head(text: str) -> bool:
    """The school's own head is spoken of, and not only as the one who is told or who passes it on."""
    without = _NOT_THE_HEAD.sub(" ", plain(text))
    return bool(_HEAD.search(_HEAD_IS_TOLD.sub(" ", without)) or re.search(r"\bHTs?\b", text))


def is_small_talk(text: str) -> bool:
    """A greeting, thanks or a single word of assent."""
    return bool(_SMALL_TALK.fullmatch(plain(text)))


def _any(*phrases: str) -> re.Pattern[str]:
    """A pattern that finds any of the phrases, each from the start of a word to the end of one."""
    return re.compile(r"\b(?:" + "|".join(phrases) + r")(?!\w)")


_SELF = r"(?:him|her|them|my|your|him or her)sel(?:f|ves)"
_PUPILS = (
    r"(?:pupils?|child|children|girls?|boys?|kids?|students?|lads?|lass(?:es)?|daughter|son"
    r"|ye?a?r ?\d+s?|y\d+s?|sixth[- ]former|infants?|little ones?|tutee|teen(?:ager)?s?)"
)
_PICTURE = r"(?:pics?|pictures?|photos?|photographs|images?|videos?|snaps?|selfies?|screenshots?)"
_BARE = (
    r"(?:nudes?|naked|topless|indecent|sexual\w*|explicit|intimate|undress\w*|private parts|no clothes"
    r"|nothing on|underwear|porn\w*|bra|boobs|genitals)"
)
_STAFF = (
    r"(?:colleagues?|teachers?|teaching assistants?|tas?|hlta|member of staff|staff members?"
    r"|one of (?:the|our) staff"
    r"|head ?teacher|our head|the head|caretaker|coach|sir|miss|mr|mrs|principal|supply|tutor|instructor"
    r"|trainee|governor|volunteer|technician|librarian|cleaner|supervisor|dinner lady|someone i work with)"
)
_CONDUCT = (
    r"(?:messag\w+|text(?:s|ing|ed)|dm(?:s|ing|'?d|ed)?|snapchat\w*|adds?|added|flirt\w*|touch\w*|alone with"
    r"|too close|inappropriate\w*|grop\w*|hit(?:s|ting)?|sexual\w*|relationship with|smack\w*|slapp?\w*"
    r"|grabb\w*|shov\w*|push\w*|kick\w*|drag\w*|kiss\w*|hugg\w*|tickl\w*|strok\w*|meets?|meeting|photos? of"
    r"|liking|follow\w*|flirt\w*|dating|sleeping with|seeing|restrain\w*|swore at|screamed? at|shout\w* at"
    r"|pull\w*|gropes?|cuddl\w*|on (?:his|her) lap)"
)
_LIFE = r"(?:his|her|their|my) (?:own )?life"

_GRAVE = _any(
    rf"(?:kill(?:ing)?|hang(?:ing)?|drown(?:ing)?|strangl(?:e|ing)|set) {_SELF}(?! laughing)",
    rf"(?:end|ending|take|taking) {_LIFE}",
    r"(?:wants?|wanted|going|wishes|wish) (?:to die|(?:he|she|i|they) (?:was|were) dead)",
    r"(?:is|are|am|feels?|feeling|i'm|he's|she's) (?:actively |really )?suicidal",
    r"(?:has|have|he's|she's|they've|just) (?:just )?(?:taken an overdose|overdosed|od'?d)",
    r"(?:taken|took|swallow(?:ed|ing)|had) (?:\w+ ){0,6}(?:tablets|pills|paracetamol|ibuprofen|bleach"
    r"|antidepressants)",
    r"last (?:night|day) (?:of (?:his|her|my|their) life|on earth)",
    r"(?:suicide|goodbye) (?:note|pact)",
    r"(?:going to|gonna|threatening to|about to|wants to) jump off",
    r"(?:don't|doesn't|dont|doesnt|didn't) want to (?:be alive|live|wake up|be here any ?more)",
    r"not breathing|isn't breathing|unconscious|unresponsive",
    r"(?:has|got|with|carrying|holding|brought|brings?|bringing|pulled) (?:in )?(?:a|his|an|the) (?:\w+ )?"
    r"(?:knife|gun|handgun|machete|blade|shotgun|axe)",
    r"(?:in immediate danger|in danger (?:right )?now)",
    rf"cutting {_SELF} (?:right )?now",
    rf"locked {_SELF} in",
    r"shoot (?:up )?(?:the |our )?(?:school|assembly|everyone)",
    r"(?:threaten\w*|going|gonna|wants|says (?:he|she)'ll|said (?:he|she)'ll) (?:to )?(?:kill|stab|shoot) "
    r"(?:him|her|me|us|them|someone|somebody|everyone|people|a|the|his|my)",
    r"(?:been|being|getting|is|was|just) (?:stabbed|shot|strangled|raped)(?! at goal)",
    r"(?:has|have|'s|gone) (?:run away|gone missing)(?! from the circus)",
)
_EMERGENCY = _any(
    r"suicid\w+|overdos\w+",
    r"end it all|ending it all|nothing left to live for",
    r"bleeding|being attacked|attacking",
    r"meet(?:ing)? (?:him|her|them|a man|someone|somebody|up|a stranger)\b.{0,60}\b(?:tonight|today|now"
    r"|later|after school)",
    r"run(?:ning)? away|missing since|can't find|nobody has seen (?:him|her)",
    r"said goodbye|goodbye (?:message|letter)|given (?:all )?(?:his|her|their) (?:things|stuff) away",
    r"(?:drunk|drinking|stinks of drink|smell\w* of (?:drink|alcohol))\b.{0,60}\b(?:car|drive|driving"
    r"|collect|pick)",
    r"(?:bomb|weapon|machete|knife|knives|gun|stabb\w+|acid)",
    r"(?:hitting|kicking|beating|strangling) (?:him|her|them|his|mum|me)\b.{0,30}\b(?:now|moment)",
    r"(?:kill|hurt) (?:me|him|her|them)\b.{0,40}\b(?:tonight|today|home time|tomorrow)",
    r"(?:has a plan|the date is)",
    r"don't come (?:in|to school) (?:tomorrow|on)",
)
_DISCLOSURE = _any(
    r"self[- ]?harm\w*|groom(?:ed|ing)|abus(?:ed|ing|es)|assault\w*|raped?|bruis\w+|disclos(?:ed|ure)"
    r"|neglect(?:ed|ing)?",
    rf"(?:cut|cuts|cutting|hurts?|hurting|starv\w+|burn\w*) {_SELF}",
    rf"(?:touch(?:ed|es|ing)|hit(?:s|ting)?|beat(?:s|ing)?|threaten(?:s|ed|ing)|hurt(?:s|ing)?) "
    rf"(?:him|her|them|me|his|a {_PUPILS}|my {_PUPILS}|mum)",
    r"(?:scared|frightened|afraid|terrified) (?:to go|of going|of (?:his|her)) ?(?:home|dad|mum|stepdad"
    r"|uncle)?",
    r"told me (?:\w+ ){0,8}(?:secret|scared|hurt\w*|touch\w*|hit\w*|uncle|stepdad|bedroom)",
    r"blackmail\w*|sextort\w*|exploit(?:ed|ing)|county lines|being bullied|trafficked"
    r"|forced (?:to marry|marriage)",
    r"(?:stranger|man|bloke|guy|adult|someone older)\b.{0,50}\b(?:online|messag\w*|chat\w*|snap\w*"
    r"|dm\w*|game|discord|roblox)",
    r"(?:older|grown|adult) (?:man|men|guy|woman|person|boyfriend)",
    r"(?:black eye|burn marks?|hand ?print|belt marks?|always hungry|no food|in the same clothes)",
    r"worried about (?:a|one of|this|my) \w*",
)
_STAFF_CONDUCT = _any(
    rf"{_STAFF}\b.{{0,80}}\b{_CONDUCT}\b.{{0,60}}\b(?:{_PUPILS}|him|her|them)",
    rf"{_STAFF}\b.{{0,60}}\b(?:{_PUPILS})\b.{{0,40}}\b(?:personal|alone|door shut|inappropriate\w*"
    rf"|secret|lap|late at night)",
)
_IMAGE = _any(
    rf"{_BARE}\b.{{0,60}}\b{_PICTURE}",
    rf"{_PICTURE}\b.{{0,60}}\b{_BARE}",
    r"(?:sent|sending|shared|sharing|got|has|had|ask\w*|for|ai|her|his|leaked?|my) (?:\w+ ){0,3}nudes?",
    r"nudes? (?:of|are|is|being|pass\w*|go\w*)",
    r"dick pics?|sexting|upskirt\w*|deep ?fake porn|child porn|child (?:sexual )?abuse images",
)
_CHILD = _any(_PUPILS, "under 18", "minor", "she", "he", "her", "him", "someone", "ex")
_HEAD = _any(
    r"head ?teachers?(?:'s)?",
    r"head ?(?:master|mistress)",
    r"(?:the|our|my|acting|interim|executive|exec|co-?)[- ]?head(?:'s)?(?! (?:hurts?|off|up|in"
    r"|of (?!school)|lice|injury))",
    r"^head(?:'s)? (?!of (?!school|the school)|hurts|injury|lice)\w+",
    r"head of (?:the )?school",
    r"(?<!vice )(?<!vice-)(?<!deputy )(?<!assistant )principal(?:'s)?",
    r"(?:the|our|my) (?:boss|gaffer)",
    r"^ht\b|\b(?:the|our|my) ht",
    r"runs (?:the|this|our) school|in charge of the (?:whole )?school",
)
_NOT_THE_HEAD = _any(
    r"(?:deputy|deputies|assistant|vice|former|previous|ex)[- ](?:head(?:teacher)?|principal)s?(?: teacher)?",
    r"(?:the|our|my|a) head of (?!school|the school|our school)\w+(?: \w+)?",
    r"head of (?!school|the school|our school)(?:year|sixth form|department|\w+)",
    r"(?:his|her|their|a|child's|boy's|girl's) head(?! of school|teacher| teacher)",
    r"(?:on|over|round|in) the head(?! of)",
)
_HEAD_IS_TOLD = _any(
    r"(?:tell|told|telling|inform|informed|ask|asked|report(?:ed)? (?:it |this |that )?to|go(?:ne)? to"
    r"|speak to"
    r"|spoke to|went to|instead of|passed (?:it )?on to|say to|said to|cc'?d|for) (?:the |our |my )?"
    r"(?:head ?teacher|head|principal|boss)(?! (?:that|because) (?:he|she) )(?! (?:is|it's"
    r"|its) (?:about|the one))",
    r"(?:the |our |my )?(?:head ?teacher|head|principal|boss) (?:has )?(?:asked|wants|told) (?:me"
    r"|us) to (?:report|log|tell|pass)",
    r"(?:head ?teacher|head|principal|boss) (?:knows|is away|is off|is out|isn't in|is not in"
    r"|hasn't done anything)",
    r"friend of the (?:head|principal)",
)
_SOMEBODY = _any(
    r"(?:one of )?(?:my|our) (?:pupils?|students?|lads?|girls?|boys?|kids?|class|form|tutees?"
    r"|colleagues?|ta|year \d+s?|y\d+s?)"
    r" (?:has|have|is|was|just|told|says|said|who|showed|came|keeps|gets?|been|came)",
    r"(?:he|she|they|i|we)(?:'s|'ve|'re|'m| has| have| is| was| are| am) (?:just|been|got|taken|told"
    r"|going|gone|hurt|not|now|in|on|at|scared)",
    r"(?:pupil|student|child|girl|boy|lad|kid|mum|parent|friend|colleague)s? (?:has |have |is |just "
    r"|has just |'s )?"
    r"(?:told|says|said|showed|disclosed|texted|emailed|rang|messaged|admitted)",
    r"(?:he|she) (?:says|said|told|wants|won't|can't|took|tried|keeps)",
    r"i(?:'ve| have)? (?:just )?(?:saw|seen|found|noticed|heard|overheard|witnessed|caught)",
    r"i (?:want|feel|can't|don't want)",
    r"(?:right )?now|just now|this morning|last night",
)
_IN_GENERAL = _any(
    r"what(?:'s| is| does| do| are| would| should)\b.{0,40}\b(?:polic(?:y|ies)|rules?|guidance"
    r"|procedure|section|position)",
    r"(?:polic(?:y|ies)|section|paragraph|clause|rules?) (?:say|about|on|for|cover|mention|define)",
    r"(?:is|are|does|do|where|which|why|how)\b.{0,30}\bpolic(?:y|ies)",
    r"lessons?|curriculum|pshe|rshe|rse|assembl(?:y|ies)|training|inset|cpd|workshop|scheme of work"
    r"|worksheets?|display|homework",
    r"(?:role ?play|case study|scenario|quiz|interview question|template|essays?|coursework|gcse"
    r"|a[- ]level|novel|poems?|drama|play|film|caption|hashtag|post|tweet)",
    r"teach(?:ing)? (?:about|the|pupils|children|them|year|y\d)",
    r"risk assessment|definition|meaning of|examples? of|leaflet|poster|newsletter|resources|website"
    r"|helpline",
    r"unblock\w*|whitelist|filter\w*|blocked",
    r"hypothetically|in theory|suppose|what would happen if|what happens if|if a (?:child|pupil"
    r"|colleague|teacher|member)",
    r"printer|laptop|server|screen|wi-?fi|app",
)
_AHEAD = _any(
    r"just so (?:i|we) (?:all )?know|(?:so|for) (?:i know |we know )?(?:for )?(?:next time|future|future reference)",
    r"for my (?:own )?(?:training|induction|course|notes|reference|information)|out of (?:interest|curiosity)",
    r"(?:in case|if) (?:it|this|that|one|something|anything) (?:ever|should|did|does|comes?|happens?|happened)",
    r"should it ever|if ever|hypothetically|in theory",
)
_IN_PARTICULAR = _any(
    r"he|she|him|his|hers?|my|our|they|them|their|we've|i've|i'm|there's|someone|somebody",
    r"y\d+|year \d+|reception|class|today|yesterday|tonight|again|going round|gone round|been|being sent|who's|as well",
)
"""Wider than `_SOMEBODY`: a pronoun is enough to doubt that it is only a question for one day."""
_GENERAL_ALONE = _any(
    _IN_GENERAL.pattern.removeprefix(r"\b(?:").removesuffix(r")(?!\w)"),
    r"who (?:is|do i|should|do staff|do we)|where (?:do|can|is)|should (?:i|we|staff)|do (?:i"
    r"|we) (?:have|need) to",
    r"how do (?:i|we|staff)|can (?:i|we|staff|teachers|you|pupils|parents)|may (?:i|we)|am i (?:allowed|ok)",
    r"(?:are|is) (?:we|staff|it|teachers) (?:allowed|ok|okay|permitted)",
)
_SMALL_TALK = re.compile(
    r"(?:(?:hi|hiya|hello|hey|morning|good (?:morning|afternoon|evening)|thanks?|thank you|ta|cheers|ok|okay"
    r"|yes|no|great|lovely|perfect|brilliant|bye|goodnight|please|there|so much|very much|clerk|a lot|x+|lol)"
    r"[\s!.?,]*)+"
)
