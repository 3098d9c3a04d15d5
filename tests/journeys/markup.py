"""A strict reader of our own pages: well-formed nesting, unique ids, labels that lead somewhere."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser

BLOCKS = {"p", "div", "ul", "dl", "form", "h1", "h2"}
VOID = {"meta", "link", "input", "br", "img", "hr"}


class Invalid(AssertionError):
    """The page is not well-formed."""


@dataclass
class Element:
    """One element with its attributes, its text and its place in the tree."""

    tag: str
    attributes: dict[str, str]
    parent: Element | None = None
    children: list[Element] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    page: list[Element] = field(default_factory=list, repr=False, compare=False)  # every element, in order
    first: int = 0
    end: int = 0  # the elements inside are those of the page from here to there

    @property
    def text(self) -> str:
        """All the text inside, blanks folded."""
        return " ".join("".join(self.words).split())

    @property
    def below(self) -> list[Element]:
        """This element and all inside, in order."""
        return self.page[self.first : self.end] or [self]

    def all(self, tag: str) -> list[Element]:
        """The elements of a kind inside."""
        return [element for element in self.below if element.tag == tag]


class Reader(HTMLParser):
    """Builds the tree and refuses what a validator would."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.page: list[Element] = []
        self.root = self._begun("", {}, None)
        self.stack = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        if len(names) != len(set(names)):
            raise Invalid(f"<{tag}> repeats an attribute: {names}")
        element = self._begun(tag, {name: value or "" for name, value in attrs}, self.stack[-1])
        self.stack[-1].children.append(element)
        if tag not in VOID:
            self.stack.append(element)

    def handle_endtag(self, tag: str) -> None:
        if tag in VOID or self.stack[-1].tag != tag:
            raise Invalid(f"</{tag}> closes <{self.stack[-1].tag}> at {self.getpos()}")
        self.stack.pop().end = len(self.page)

    def handle_data(self, data: str) -> None:
        for element in self.stack:
            element.words.append(data)

    def _begun(self, tag: str, attributes: dict[str, str], parent: Element | None) -> Element:
        element = Element(tag, attributes, parent, page=self.page, first=len(self.page))
        self.page.append(element)
        element.end = len(self.page)
        return element


def parse(html: str) -> Element:
    """The tree of a page. Raises Invalid."""
    if not html.startswith("<!doctype html>"):
        raise Invalid("no doctype")
    reader = Reader()
    reader.feed(html)
    reader.close()
    if len(reader.stack) != 1:
        raise Invalid(f"<{reader.stack[-1].tag}> is never closed")
    reader.root.end = len(reader.page)
    _check(reader.root)
    return reader.root


def _check(root: Element) -> None:
    ids = [element.attributes["id"] for element in root.below if "id" in element.attributes]
    twice = {name for name, times in Counter(ids).items() if times > 1}
    known = set(ids)
    if twice:
        raise Invalid(f"ids used twice: {twice}")
    for element in root.below:
        for name in ("for", "aria-labelledby", "aria-describedby"):
            for target in element.attributes.get(name, "").split():
                if target not in known:
                    raise Invalid(f"<{element.tag} {name}> names no element: {target}")
        if "style" in element.attributes or any(name.startswith("on") for name in element.attributes):
            raise Invalid(f"<{element.tag}> carries style or script in an attribute, which the policy forbids")
        if element.tag == "p" and BLOCKS & {child.tag for child in element.children}:
            raise Invalid("a paragraph holds a block")
    if len(root.all("h1")) != 1 or len(root.all("main")) != 1 or len(root.all("title")) != 1:
        raise Invalid("a page has one title, one main and one h1")
