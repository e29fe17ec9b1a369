"""Counted things, in the forms that a language has for them.

Arabic has six: «لا أسئلة», «سؤال واحد», «سؤالان», «3 أسئلة», «11 سؤالًا», «100 سؤال». Which number
takes which is the CLDR's knowledge (https://cldr.unicode.org/index/cldr-spec/plural-rules), through
Babel.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from babel import Locale


@dataclass(frozen=True, slots=True)
class Plural:
    """The forms of a counted thing; one that a language does not use falls back to ``other``.

    Attributes:
        locale: The language, as Babel names it.
        other: The form for the remaining numbers, with ``{count}``; the others mostly have it too.
    """

    locale: str
    other: str
    zero: str = ""
    one: str = ""
    two: str = ""
    few: str = ""
    many: str = ""

    def counted(self, count: int) -> str:
        """Return the form for ``count`` things, with the number in it where the form has one."""
        form = getattr(self, _locale(self.locale).plural_form(count)) or self.other
        return str(form).format(count=count)

    def forms(self) -> tuple[str, ...]:
        """Return every form there is."""
        every = (self.zero, self.one, self.two, self.few, self.many, self.other)
        return tuple(form for form in every if form)


@cache
def _locale(name: str) -> Locale:
    return Locale(name)
