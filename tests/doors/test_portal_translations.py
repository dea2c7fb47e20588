"""Every word of the portal is there in Italian, with the same gaps, and the compiled file says what the source says."""

import gettext
import re
from pathlib import Path

WEB = Path(__file__).parents[2] / "src/trialwright/web"
LOCALE = WEB / "locale/it/LC_MESSAGES"
IN_TEMPLATE = re.compile(r"""{%\s*translate\s+(?:"([^"]+)"|'([^']+)')""")
IN_CODE = re.compile(r'\b(?:_|ngettext)\(\s*"([^"]+)"')
BLOCK = re.compile(r"{%\s*blocktranslate([^%]*)%}(.*?){%\s*endblocktranslate\s*%}", re.S)


def spoken_words() -> set[str]:
    """What the templates and the code ask to be translated."""
    found: set[str] = set()
    for path in [*WEB.glob("templates/portal/*.html"), *WEB.glob("templates/*.html")]:
        text = path.read_text()
        found |= {one or other for one, other in IN_TEMPLATE.findall(text)}
        for _, body in BLOCK.findall(text):
            singular = re.split(r"{%\s*plural\s*%}", body)[0]
            found.add(re.sub(r"{{\s*(\w+)\s*}}", r"%(\1)s", " ".join(singular.split())))
    for path in WEB.glob("portal/*.py"):
        found |= set(IN_CODE.findall(path.read_text()))
    return found


def entries() -> dict[str, list[str]]:
    """The source file: each text with its translations."""
    found = {}
    for block in (LOCALE / "django.po").read_text().split("\n\n"):
        key = re.search(r'^msgid "(.+)"$', block, re.M)
        if key:
            found[_plain(key[1])] = [_plain(one) for one in re.findall(r'^msgstr(?:\[\d\])? "(.*)"$', block, re.M)]
    return found


def _plain(text: str) -> str:
    return text.replace('\\"', '"').replace("\\n", "\n")


def test_every_word_has_an_italian_one() -> None:
    known = entries()
    words = spoken_words()
    assert len(words) > 150
    assert {one for one in words if not all(known.get(one, [""]))} == set()


def test_nothing_is_translated_that_is_no_longer_said() -> None:
    assert set(entries()) - spoken_words() == set()


def test_a_translation_has_the_gaps_of_its_text() -> None:
    for text, translations in entries().items():
        for one in translations:
            assert set(re.findall(r"%\((\w+)\)s", one)) == set(re.findall(r"%\((\w+)\)s", text)), text


def test_the_compiled_file_says_what_the_source_says() -> None:
    with (LOCALE / "django.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    for text, translations in entries().items():
        if len(translations) == 1:
            assert compiled.gettext(text) == translations[0]
        else:
            assert [compiled.ngettext(text, "", count) for count in (1, 2)] == translations
