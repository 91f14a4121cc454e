"""A value is a dataclass like any other, whoever made its methods."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import operator
import pickle
from concurrent.futures import ThreadPoolExecutor
from dataclasses import KW_ONLY, FrozenInstanceError, field
from operator import attrgetter
from typing import TYPE_CHECKING

import pytest

from nstui.model.frozen import COMPILED_AFTER, dataclass

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class Ours:
    """One of nstui's."""

    name: str
    size: int = 5
    notes: list[str] = field(default_factory=list)
    seen: int = field(default=0, compare=False)
    secret: str = field(default="", repr=False)


@dataclasses.dataclass(frozen=True, slots=True)
class Theirs:
    """One of the standard library's."""

    name: str
    size: int = 5
    notes: list[str] = field(default_factory=list)
    seen: int = field(default=0, compare=False)
    secret: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class OursByName:
    """One of nstui's."""

    name: str = "no"
    size: int


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class TheirsByName:
    """One of the standard library's."""

    name: str = "no"
    size: int


@dataclass(frozen=True, slots=True)
class OursMixed:
    """One of nstui's."""

    size: int = 5
    _: KW_ONLY
    name: str


@dataclasses.dataclass(frozen=True, slots=True)
class TheirsMixed:
    """One of the standard library's."""

    size: int = 5
    _: KW_ONLY
    name: str


@dataclass(frozen=True, slots=True)
class OursDerived(Ours):
    """One with more fields."""

    more: str = "m"


@dataclasses.dataclass(frozen=True, slots=True)
class TheirsDerived(Theirs):
    """One with more fields."""

    more: str = "m"


@dataclass(frozen=True, slots=True)
class OursAnew(Ours):
    """One with another default, in the same slot."""

    size: int = 6


@dataclasses.dataclass(frozen=True, slots=True)
class TheirsAnew(Theirs):
    """One with another default, in the same slot."""

    size: int = 6


@dataclass(frozen=True, slots=True)
class OursEmpty:
    """One of nstui's."""


@dataclasses.dataclass(frozen=True, slots=True)
class TheirsEmpty:
    """One of the standard library's."""


@dataclass(frozen=True, kw_only=True)
class OursRoomy:
    """One of nstui's."""

    name: str = "no"
    size: int


@dataclasses.dataclass(frozen=True, kw_only=True)
class TheirsRoomy:
    """One of the standard library's."""

    name: str = "no"
    size: int


@dataclass(frozen=True, slots=True, order=True)
class OursOrdered:
    """One of nstui's."""

    name: str
    size: int = 5


@dataclasses.dataclass(frozen=True, slots=True, order=True)
class TheirsOrdered:
    """One of the standard library's."""

    name: str
    size: int = 5


@dataclass(frozen=True, slots=True)
class Point:
    """One with words of its own."""

    x: int

    def __eq__(self, other: object) -> bool:
        """Tell whether it is as far from zero."""
        return isinstance(other, Point) and abs(self.x) == abs(other.x)

    def __hash__(self) -> int:
        """Be found by that."""
        return abs(self.x)

    def __repr__(self) -> str:
        """Be short."""
        return f"·{self.x}"


PAIRS: list[tuple[Callable[..., object], Callable[..., object]]] = [
    (Ours, Theirs),
    (OursByName, TheirsByName),
    (OursMixed, TheirsMixed),
    (OursDerived, TheirsDerived),
    (OursAnew, TheirsAnew),
    (OursEmpty, TheirsEmpty),
    (OursRoomy, TheirsRoomy),
    (OursOrdered, TheirsOrdered),
]
each_pair = pytest.mark.parametrize(("ours", "theirs"), PAIRS)


@each_pair
@pytest.mark.parametrize(
    ("given", "named"),
    [
        ((), {}),
        (("a",), {}),
        (("a", 6, ["b"], 7, "c"), {}),
        ((), {"name": "a"}),
        ((), {"size": 6}),
        ((), {"name": "a", "size": 6}),
        (("a",), {"name": "a"}),
        ((), {"other": 1}),
        (("a", 1, 2, 3, 4, 5), {}),
    ],
)
@pytest.mark.parametrize("is_first", [True, False])
def test_what_may_be_given(
    ours: type[Ours],
    theirs: Callable[..., object],
    given: tuple[object, ...],
    named: dict[str, object],
    *,
    is_first: bool,
) -> None:
    @dataclass(frozen=True, slots=True)
    class Fresh:
        """One that nobody has made an instance of."""

    ours.__init__ = Fresh.__init__  # type: ignore[method-assign,assignment]
    vars(ours)["_declared"].instances = 0 if is_first else COMPILED_AFTER

    def tell(make: Callable[..., object]) -> str:
        try:
            made = make(*given, **named)
        except TypeError as problem:
            return str(problem).replace("Ours", "Theirs")
        assert made == make(*given, **named) == copy.deepcopy(made)
        assert pickle.loads(pickle.dumps(made)) == made  # noqa: S301 - our own words
        return repr(made).replace("Ours", "Theirs")

    assert tell(ours) == tell(theirs)


@each_pair
def test_what_a_class_says_of_itself(ours: type[Ours], theirs: type[Theirs]) -> None:
    def fields(one: type[Ours | Theirs]) -> list[tuple[object, ...]]:
        return [(f.name, f.type, f.default, f.compare) for f in dataclasses.fields(one)]

    def parameters(one: type[Ours | Theirs]) -> list[tuple[str, object]]:
        found = inspect.signature(one).parameters.values()
        return [(each.name, each.kind) for each in found]

    assert dataclasses.is_dataclass(ours)
    assert fields(ours) == fields(theirs)
    assert ours.__match_args__ == theirs.__match_args__
    make: Callable[..., object] = ours
    for _ in range(COMPILED_AFTER + 1):
        make(**{"name": "a", "size": 5} if fields(ours) else {})
    assert parameters(ours) == parameters(theirs)
    assert vars(ours).get("__slots__") == vars(theirs).get("__slots__")
    assert ours.__annotations__ == theirs.__annotations__


@each_pair
def test_what_only_some_ask_for_is_the_same(
    ours: type[Ours], theirs: type[Theirs]
) -> None:
    @dataclass(frozen=True, slots=True)
    class Last(ours):  # type: ignore[valid-type,misc]
        """One that nobody has asked about, nor about what it is made of."""

        last: int = 1

    known: Callable[[type[object]], tuple[str, ...]] = attrgetter("__match_args__")
    assert known(Last) == (*known(theirs), "last")
    assert [field.name for field in dataclasses.fields(Last)] == [
        *(field.name for field in dataclasses.fields(theirs)),
        "last",
    ]
    assert all(isinstance(one, dataclasses.Field) for one in dataclasses.fields(Last))


def test_many_threads_may_ask_first() -> None:
    def ask(each: type[object]) -> object:
        return each.__match_args__  # type: ignore[attr-defined]

    for _ in range(50):

        @dataclass(frozen=True, slots=True)
        class Fresh:
            """One that nobody has asked about."""

            x: int
            y: int = 1

        with ThreadPoolExecutor(4) as threads:
            assert set(threads.map(ask, [Fresh] * 8)) == {("x", "y")}


def test_what_is_compared() -> None:
    assert Ours("a", seen=1) == Ours("a", seen=2)
    assert Ours("a") != Ours("b")
    assert Ours("a", secret="x") != Ours("a", secret="y")  # noqa: S106 - a word
    assert OursEmpty() == OursEmpty()
    others: tuple[object, ...] = (Theirs("a"), OursByName(name="a", size=5), "a")
    assert Ours("a") not in others


def test_what_is_hashed() -> None:
    assert hash(OursByName(size=5)) == hash(OursByName(size=5))
    assert {OursByName(size=5), OursByName(size=5)} == {OursByName(size=5)}
    assert len({OursByName(size=5), OursByName(size=6)}) == 2
    with pytest.raises(TypeError, match="unhashable"):
        hash(Ours("a"))


def test_each_has_its_own_default() -> None:
    assert Ours("a").notes is not Ours("a").notes


def test_nothing_is_set_or_deleted() -> None:
    one: object = Ours("a")
    for name in ("name", "other"):
        with pytest.raises(
            FrozenInstanceError, match=f"cannot assign to field '{name}'"
        ):
            setattr(one, name, "b")
        with pytest.raises(FrozenInstanceError, match=f"cannot delete field '{name}'"):
            delattr(one, name)
    assert one == Ours("a")


def test_one_is_made_of_another() -> None:
    assert dataclasses.replace(Ours("a", 6), name="b") == Ours("b", 6)
    assert dataclasses.astuple(Ours("a")) == ("a", 5, [], 0, "")
    # What `copy.replace` of Python 3.13 calls.
    replaced: object = Ours("a", 6).__replace__(name="b")  # type: ignore[attr-defined]
    assert replaced == Ours("b", 6)


def test_one_that_holds_itself_is_told() -> None:
    notes: list[object] = []
    one = Ours("a", notes=notes)  # type: ignore[arg-type]  # that is the case
    notes.append(one)
    assert repr(one) == "Ours(name='a', size=5, notes=[...], seen=0)"


def test_what_a_class_says_itself_holds() -> None:
    assert Point(1) == Point(-1)
    assert {Point(1), Point(-1)} == {Point(1)}
    assert repr(Point(1)) == "·1"


def test_one_without_slots_has_room_for_what_is_kept() -> None:
    one = OursRoomy(size=5)
    vars(one)["kept"] = 1
    assert pickle.loads(pickle.dumps(one)) == one == OursRoomy(size=5)  # noqa: S301 - our own words


ORDERS = (operator.lt, operator.le, operator.gt, operator.ge)


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("other", [("a", 5), ("a", 6), ("b", 1), ("a", 1)])
def test_which_comes_first(
    order: Callable[[object, object], bool], other: tuple[str, int]
) -> None:
    theirs = order(TheirsOrdered("a"), TheirsOrdered(*other))
    assert order(OursOrdered("a"), OursOrdered(*other)) is theirs


@pytest.mark.parametrize("order", ORDERS)
def test_only_one_class_has_an_order(order: Callable[[object, object], bool]) -> None:
    with pytest.raises(TypeError, match="not supported between"):
        order(OursOrdered("a"), TheirsOrdered("a"))


def test_other_kinds_are_the_librarys() -> None:
    @dataclass(slots=True)
    class Changed:
        """One whose fields may be set."""

        x: int

    one = Changed(1)
    one.x = 2
    assert one == Changed(2)
