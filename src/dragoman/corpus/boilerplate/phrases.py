"""What boilerplate says, in German and English: patterns for lower-cased lines, by the kind of boilerplate they mark.

They run on RE2, which goes through a line once whatever the pattern is; gaps of a bounded width would make its automata
too large to stay in the cache, so a gap is `.*`.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dragoman.corpus.lines import Mask

LONGEST = 300  # bytes: what is longer is no menu, and a notice says what it is in its first sentence

_MONTHS = r"(?:jan|feb|mär|mar|apr|mai|may|jun|jul|aug|sep|okt|oct|nov|dez|dec)[a-zä]*\.?"
_WEEKDAYS = r"(?:mo|di|mi|do|fr|sa|so|mon|tue|wed|thu|fri|sat|sun)[a-zä]*\.?,?"
_NETWORKS = (
    "facebook|twitter|google ?\\+|google plus|whatsapp|pinterest|instagram|xing|linkedin|youtube|tumblr|reddit|flattr|"
    "pocket|telegram|skype|rss|feeds?|flickr|vimeo|soundcloud|snapchat|tiktok|delicious|flipboard|messenger|threema|"
    "mastodon|e-?mail|mail|print|drucken|tweet|twittern|pin it|merken|teilen|share|link kopieren|copy link"
)

# Found anywhere in a line.
PARTS = {
    "consent": (
        "cookie.*(?:verwend|nutz|setz|einsatz|akzept|zustimm|einverstanden|erlaub|ablehn|hinweis|einstellung)",
        "(?:verwend|nutz|setz|einsatz|akzept|zustimm|einverstanden).*cookie",
        "cookie.*(?:accept|agree|consent|polic|setting|preference|notice|experience|browser)",
        "(?:accept|consent|uses?|using|enable).*cookie",
        "(?:akzeptier|stimme|einverstanden|kenntnis).*(?:datenschutz|privacy|speicherung|verarbeitung)",
        "datenschutzerklärung.*(?:akzeptier|zustimm|gelesen|einverstanden|kenntnis)",
        "personal data|consent to|my consent|privacy policy|terms of (?:use|service)",
    ),
    "sharing": (
        "(?:artikel|beitrag|seite|geschichte|rezept|story|article|post|page) (?:teilen|weiterempfehlen|drucken|merken)",
        "teilen sie (?:dies|den)|(?:share|sharen) (?:this|mit|on|via|with)|teilen (?:mit|auf)|teilen:",
        "(?:auf|via|per|bei) (?:facebook|twitter|whatsapp|instagram|pinterest|xing|linkedin|e-mail) ?(?:teilen|"
        "empfehlen|senden)",
        r"(?:folge|folgen sie|folgt|follow|find|besuch|like) (?:mir|uns|us|me)\b",
        "gefällt (?:mir|das|dies)|bloggern? gef|be sociable|click to (?:share|email|print)|klick.* um .*teilen",
        "in neuem fenster|in (?:a )?new window",
    ),
    "comments": (
        "(?:schreib|hinterlass|verfass).* (?:kommentar|antwort|reaktion)",
        "kommentare? (?:schreiben|verfassen|abgeben|hinzufügen|hinterlassen|ab|posten|melden|erstellen)|kommentieren",
        "e-mail-adresse wird nicht|erforderliche felder|pflichtfelder|felder sind mit|required fields|"
        "will not be published",
        "antwort(?:en)? abbrechen|cancel reply|leave a |post a comment|add a comment|write a comment|join the ",
        "benachrichtig.* (?:mich|per |bei )|notify me|informiere mich|meinen namen, |save my name",
        "kommentare? (?:sind|ist|wurde)|kommentarfunktion|comments? (?:are|is|under|policy)|(?:keine|"
        "no) (?:kommentar|comment)",
        "no response|be the first|akismet|spam zu reduzieren|reduce spam|html[- ]tags?|trackback|pingback|comment by",
        "(?:melde dich an|logge|log ?in|einloggen|registrier|anmelden).* (?:um|to) ",
        "war (?:der|dieser) artikel|fanden sie diesen|was this (?:article|helpful)|wie bewerten sie|bewerte.* dies",
    ),
    "related": (
        r"(?:könnten?|dürfte|kann) (?:dich|sie|euch|ihnen|dir)?.*(?:auch|ebenfalls|noch)\b.*(?:interess|gefallen)",
        "auch interess|mehr zum thema|lesen sie (?:auch|mehr|hier|weiter|dazu)|lies (?:auch|hier|mehr)",
        "read (?:more|also|next)|you (?:may|might) |watch (?:this )?next|more (?:from|stories|on this)",
        r"(?:weitere|ähnliche|verwandte|passende|neueste|neuste|aktuelle|beliebte|letzte|empfohlene|interessante|"
        r"meist ?gelesene) "
        r"(?:beiträge|artikel|themen|posts?|news|kommentare|meldungen|nachrichten|produkte|rezepte|seite|einträge|"
        r"links|berichte|videos|ausgaben?|tweets)\b",
        r"(?:vorherige|nächste|vorige)[rs]? (?:beitrag|beiträge|artikel|seite|eintrag|meldung)\b",
        "related (?:posts?|articles?|stories|topics?|content|coverage|links|news|reading)|top stories|similar posts",
        "(?:recent|popular|most|previous|next|older|newer|latest) (?:read|viewed|popular|posts?|comments?|"
        "articles?|entry|entries|story|stories|news|page)",
    ),
    "navigation": (
        "(?:zum|zur|skip to|jump to) (?:inhalt|content|navigation|haupt|suche|seitenanfang|main|footer|search|"
        "startseite|übersicht)",
        "sie (?:sind|befinden sich) hier|you are here|zurück (?:zur|zum|nach)|back to|nach oben|seitenanfang|toggle",
        "(?:navigation|menü|menu|suche) (?:schlie|öffnen|überspringen|ein|aus)|aktuelle seite:",
        "javascript|browser.*(?:unterstütz|support|aktuell|veraltet|outdated|aktivier)",
    ),
    "notice": (
        r"©|\(c\) ?(?:\d|copyright|by)|copyright|all rights|alle rechte|alle inhalte|powered by|proudly|erstellt mit",
        "webdesign|(?:theme|design|designed|hosted) (?:by|von)|wordpress.com|creative commons|lizenziert|"
        "licensed under",
        "nutzungsbedingungen|nutzungsrechte|urheberrecht|disclaimer|trademarks?",
        r"newsletter|abonnier|subscribe|\babo\b|e-mail-adresse (?:ein|an)|enter your email|deine e-mail|"
        r"sign up (?:for|to)",
        "jetzt (?:anmelden|registrieren|bestellen|kaufen|testen|abonnieren|spenden|unterstützen)|kostenlos (?:an|"
        "testen|reg)",
        "affiliate|provision|werbelink|partnerlink|gesponsert|mwst|versandkosten|warenkorb|add to cart|"
        "lieferzeit|auf lager",
        r"artikelnummer|gutschein|tel(?:efon|\.)?:? ?[+(\d]|fax:? ?[+(\d]|öffnungszeiten|ust-?id|handelsregister",
    ),
    "date or name": (
        "(?:veröffentlicht|publiziert|geschrieben|gepostet|eingetragen|erstellt|abgelegt|verschlagwortet|"
        "aktualisiert|geändert|gekennzeichnet) (?:am|von|in|um|unter|mit)",
        "(?:posted|published|written|filed|tagged|updated|last modified) (?:on|in|by|under|at)|"
        "letzte (?:änderung|aktualisierung)",
        "^(?:von|by|autor(?:in)?|author|text|fotos?|bild(?:er)?|photo|quelle|credit|tags?|themen|stichworte?|"
        "schlagworte?|schlagwörter|kategorien?|categories|category|datum|stand|lesezeit|lesedauer|topics?|"
        "ressort|rubrik) ?:",
        r"\d min(?:uten?|\.)? ?(?:read|lesezeit|lesedauer)|reading time|vor \d+ (?:min|stu|tag|woche|mon|jahr)|"
        r"\d (?:minute|hour|day|week|month|year)s? ago",
        "(?:foto|bild|photo|image|getty|reuters|dpa|afp|imago|shutterstock|pixabay|unsplash|fotolia)s? ?[/:©(]",
    ),
}

# A whole line, but for punctuation and symbols at its ends.
WHOLE = {
    "sharing": (
        rf"(?:(?:{_NETWORKS})\W*)+",
        r"(?:shares?|likes?|tweets?|views?) ?\d*|\d+ ?(?:shares?|likes?|views?|tweets?|mal geteilt)",
    ),
    "comments": (
        r"\d* ?(?:kommentare?|comments?|antworten|replies|responses?|reactions?|gedanken|meinungen|"
        r"bewertungen)(?: (?:zu|to|on|auf|für|anzeigen|lesen)\b.*)?",
        "sagt|says|schrieb|schreibt|antworten|reply|zitieren|quote|permalink|melden|report|.* (?:sagt|says|"
        "schrieb|schreibt)(?: am .*)?:",
    ),
    "related": (
        "mehr|more|weiterlesen|weiter lesen|jetzt lesen|mehr lesen|mehr erfahren|erfahre mehr|mehr infos?|"
        "mehr anzeigen|alle anzeigen",
        "show more|load more|learn more|continue reading|details|zum artikel|hier weiterlesen|lesen|archive?|"
        "blogroll|meistgelesen",
        "top-themen|schlagzeilen|anzeige|werbung|advertisement|sponsored|ads?",
    ),
    "navigation": (
        "home|startseite|start|menü|menu|hauptmenü|hauptnavigation|navigation|suche|suchen|search|kontakt|"
        "contact|contact us",
        "impressum|imprint|datenschutz|datenschutzerklärung|datenschutzhinweise|privacy|agb|sitemap|login|log in|"
        "sign in|sign up",
        "anmelden|einloggen|registrieren|register|abmelden|logout|mein konto|my account|merkzettel|wunschliste|"
        "hilfe|help|faq",
        "über uns|über mich|about|about us|about me|team|presse|jobs|karriere|careers|mediadaten|shop|blog|forum|"
        "links|galerie",
        "gästebuch|downloads?|service|english|deutsch|français|español|italiano|top|oben|weiter|zurück|schließen|"
        "close|ok|okay",
        "ja|nein|senden|absenden|abschicken|submit|next|previous|prev|kategorien|categories|kategorie|themen|"
        "tags?|schlagwörter",
        "schlagworte|seiten|meta|abonnieren|passwort vergessen|angemeldet bleiben|benutzername|passwort|password|"
        "username",
        "e-?mail-adresse|name|website|webseite|ihre nachricht|alle|all|inhalt|übersicht|filter|sortieren|"
        "(?:seite|page) .*",
    ),
    "date or name": (
        rf"(?:{_WEEKDAYS} )?(?:den |am )?\d{{1,2}}[./ -]+(?:\d{{1,2}}|"
        rf"{_MONTHS})[./ ,-]*(?:\d\d)?(?:\d\d)?(?:\D*\d{{1,2}}[:.]\d\d.*)?",
        rf"{_MONTHS} (?:\d{{1,2}}(?:st|nd|rd|th)?,? )?\d\d\d\d(?:\D*\d{{1,2}}[:.]\d\d.*)?|\d\d\d\d-\d\d-\d\d.*|"
        rf"\d{{1,2}}[:.]\d\d(?: uhr)?",
    ),
    "number": (r"(?:\d+\W*)+",),
}

NAMES = (*PARTS, "number")


def find_phrases(lines: pa.Array) -> dict[str, Mask]:
    """For each kind the lines (L,) of a `large_string` column that it marks, in upper or lower case alike.

    Whole lines of any kind are searched for at once, and told apart among the few that are found: one automaton for
    both sorts of patterns, or for the parts of all kinds, would have too many states.
    """
    searched = pc.less_equal(pc.binary_length(lines), LONGEST)
    places = np.flatnonzero(searched.to_numpy(zero_copy_only=False))
    chosen = lines.filter(searched).dictionary_encode()  # menus say the same again and again
    lowered, indices = pc.utf8_lower(chosen.dictionary), chosen.indices.to_numpy()
    whole = np.flatnonzero(_matches(lowered, _whole(*WHOLE)))
    those = lowered.take(pa.array(whole))
    found = {}
    for name in NAMES:
        marked = _matches(lowered, "|".join(PARTS[name])) if name in PARTS else np.zeros(len(lowered), bool)
        if name in WHOLE:
            marked[whole] |= _matches(those, _whole(name))
        found[name] = np.zeros(len(lines), bool)
        found[name][places] = marked[indices]
    return found


def _whole(*names: str) -> str:
    """A pattern for whole lines of some kinds."""
    return rf"^\W*(?:{'|'.join(expression for name in names for expression in WHOLE[name])})\W*$"


def _matches(lines: pa.Array, pattern: str) -> Mask:
    return np.array(pc.match_substring_regex(lines, pattern).to_numpy(zero_copy_only=False), bool)
