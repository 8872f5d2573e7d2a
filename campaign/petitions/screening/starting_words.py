"""The words to look for that every campaign starts with. Staff change them for each campaign and language.

Whole words or phrases; a star at the end stands for any ending. They are looked for in the list of the page's language
and in the one for any language. A word that is also somebody's name in that language does not belong here.
"""

from dataclasses import dataclass

ANY_LANGUAGE = "any"


@dataclass(frozen=True)
class Words:
    """What is looked for in names, and what in comments."""

    names: tuple[str, ...] = ()
    comments: tuple[str, ...] = ()


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.split(",") if line.strip())


STARTING_WORDS: dict[str, Words] = {
    ANY_LANGUAGE: Words(
        names=_lines(
            "test, tests, tester, testing, test1, testtest, тест, тестов тест, asdf*, sdfg*, qwert*, zxcv*, йцукен*, "
            "фыва*, abc, abcd, xxx, xyz, lorem ipsum, foobar, admin, undefined, mickey mouse, minnie mouse, "
            "donald duck, bugs bunny, homer simpson, bart simpson, spiderman, darth vader, adolf hitler, "
            "joseph stalin, vladimir putin, владимир путин, володимир путін, osama bin laden, jesus christ"
        ),
    ),
    "en": Words(
        names=_lines(
            "anonymous, anon, nobody, no one, somebody, someone, a person, john doe, jane doe, joe bloggs, your name, "
            "my name, first name, last name, firstname, lastname, full name, name surname, not telling, "
            "none of your business, santa claus, father christmas, easter bunny, go away, go home, fake name, fuck, "
            "fucker*, fucking, fuckoff, shit, shithead*, cunt, cunts, wank, wanker*, twat, arsehole*, asshole*, "
            "nigger*, faggot*, scum"
        ),
        comments=_lines(
            "fuck, fucker*, fucking, shit, shithead*, cunt, cunts, wanker*, twat, twats, arsehole*, asshole*, nigger*, "
            "faggot*, paki, pakis, kike*, towelhead*, scum, vermin, cockroaches, subhuman*, kill yourself, "
            "let them drown, bitcoin, casino, viagra, earn money, click here, free money"
        ),
    ),
    "uk": Words(
        names=_lines("анонім, анонімно, ніхто, хтось, ваше ім’я, ваше ім'я, ім’я прізвище, хуй, пизда, блядь, єбать"),
        comments=_lines(
            "хуй, хуйня, пизда, пиздец, блядь, єбать, москаль, москалі, кацап*, хохол, хохли, жид, жиди, казино"
        ),
    ),
    "ru": Words(
        names=_lines("аноним, никто, кто-то, ваше имя, имя фамилия, хуй, пизда, блядь, ебать"),
        comments=_lines("хуй, хуйня, пизда, пиздец, блядь, ебать, хохол, хохлы, жид, жиды, казино, биткоин*"),
    ),
    "ar": Words(
        names=_lines("مجهول, لا أحد, تجربة, اختبار, فلان الفلاني, الاسم الكامل"),
        comments=_lines("شرموطة, كس أمك, بيتكوين, كازينو"),
    ),
    "de": Words(
        names=_lines(
            "anonym, niemand, max mustermann, erika mustermann, otto normalverbraucher, vorname nachname, dein name, "
            "ihr name, fick dich, scheiße, scheisse, arschloch, fotze, wichser, hurensohn"
        ),
        comments=_lines(
            "fick dich, ficken, arschloch, arschlöcher, fotze, wichser, hurensohn, kanake, kanaken, abschaum, "
            "ungeziefer, untermenschen, ausländer raus, bitcoin, casino"
        ),
    ),
    "fr": Words(
        names=_lines("anonyme, quelqu'un, votre nom, prénom nom, nom prénom, merde, connard, connasse, salope"),
        comments=_lines("connard*, connasse*, salope*, enculé*, nique*, bougnoul*, négro*, vermine, bitcoin, casino"),
    ),
    "es": Words(
        names=_lines("anónimo, anonimo, nadie, alguien, tu nombre, nombre apellido, mierda, puta, puto, gilipollas"),
        comments=_lines("puta, puto, gilipollas, cabrón, cabrones, maricón*, sudaca*, escoria, bitcoin, casino"),
    ),
    "pl": Words(
        names=_lines("anonim, nikt, ktoś, imię nazwisko, twoje imię, kurwa, chuj, pierdol*, jebać"),
        comments=_lines(
            "kurwa, kurwy, chuj, chuje, pierdol*, jebać, jebany, ciapat*, banderowcy, robactwo, bitcoin, kasyno"
        ),
    ),
}  # fmt: skip
