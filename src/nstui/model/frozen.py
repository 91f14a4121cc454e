"""Provide a `dataclass` decorator that makes the definition of frozen classes fast.

The standard library compiles six methods for each frozen dataclass, and four more for
one with an order. nstui has so many of these classes that this took a fifth of the
start time of every command. Here, all but one are shared by all classes. ``__init__``
is compiled when the second instance of a class is created, because most commands create
instances of few classes, and of some of these just one. For users of such a class,
including type checkers, it is an ordinary dataclass.
"""

from __future__ import annotations

import dataclasses
from dataclasses import MISSING, FrozenInstanceError
from operator import attrgetter
from reprlib import recursive_repr
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from dataclasses import dataclass
    from typing import Any, NoReturn

    Class = type[Any]
    Value = Any
else:

    def dataclass(**options: bool) -> Callable[[Class], Class]:
        """Return a class decorator like `dataclasses.dataclass`, with its options.

        The shared methods are only used for classes with ``frozen=True`` and optionally
        *slots*, *kw_only* and *order*; other options use the standard library.
        """
        others = options.keys() - {"slots", "kw_only", "order"}
        if others == {"frozen"} and options["frozen"]:
            return lambda cls: _frozen(cls, **options)
        return dataclasses.dataclass(**options)


__all__ = ["dataclass"]


_SHARED = ("eq", "hash", "repr", "setattr", "delattr")
_FOR_SLOTS = ("getstate", "setstate")
_FOR_ORDER = ("lt", "le", "gt", "ge")


def _frozen(
    cls: Class,
    *,
    frozen: bool,
    slots: bool = False,
    kw_only: bool = False,
    order: bool = False,
) -> Class:
    del frozen
    _share(_SHARED, cls)
    if slots:
        _share(_FOR_SLOTS, cls)
    if order:
        _share(_FOR_ORDER, cls)
    # Without a docstring the library would write one, from a signature that takes
    # longer to find than all else.
    cls.__doc__ = cls.__doc__ or cls.__name__
    # The library searches annotations that are text for what is no field, which takes
    # it longer than all else. No class has a ``ClassVar`` or an ``InitVar``.
    annotations = cls.__annotations__
    cls.__annotations__ = {
        name: text if "KW_ONLY" in text else object
        for name, text in annotations.items()
    }
    value = dataclasses.dataclass(
        init=False, repr=False, eq=False, slots=slots, kw_only=kw_only
    )(cls)
    value.__annotations__ = annotations
    fields = dataclasses.fields(value)
    for field in fields:
        field.type = annotations.get(field.name, field.type)
    compared = [field.name for field in fields if field.compare]
    value._compared = attrgetter(*compared) if compared else type  # noqa: SLF001 - ours
    value.__init__ = _init_first
    return value


def _share(names: tuple[str, ...], cls: Class) -> None:
    """Give a class the shared methods that it does not define itself."""
    for name in names:
        # A class that defines ``__eq__`` has ``__hash__ = None``, so that a missing
        # method and None are both replaced.
        if vars(cls).get(f"__{name}__") is None:
            setattr(cls, f"__{name}__", globals()[f"_{name}"])


def _init_first(self: Value, *given: object, **named: object) -> None:
    """Set the fields of the class's first instance; compile for the next one."""
    type(self).__init__ = _init_next
    fields = _parameters(type(self))
    places = [field.name for field in fields if field.kw_only is not True]
    values = dict(zip(places, given, strict=False)) | named
    for field in fields:
        if field.default is not MISSING:
            values.setdefault(field.name, field.default)
        elif field.default_factory is not MISSING and field.name not in values:
            values[field.name] = field.default_factory()
    is_fitting = len(given) <= len(places) and named.keys().isdisjoint(
        places[: len(given)]
    )
    if not is_fitting or values.keys() != {field.name for field in fields}:
        # Python says best what is wrong with the arguments of a function.
        self.__init__(*given, **named)
    for name, value in values.items():
        object.__setattr__(self, name, value)


def _init_next(self: Value, *given: object, **named: object) -> None:
    """Compile the class's ``__init__``, replace this method with it, and call it."""
    cls = type(self)
    cls.__init__ = _build_init(cls)
    cls.__init__(self, *given, **named)


def _parameters(value: Class) -> list[dataclasses.Field[Any]]:
    """Return the fields of a dataclass in the order of its parameters."""
    return sorted(dataclasses.fields(value), key=lambda field: field.kw_only is True)


def _build_init(value: Class) -> Callable[..., None]:
    """Return a compiled ``__init__`` that sets all fields of a dataclass."""
    scope: dict[str, object] = {}
    parameters, lines = ["self"], ["pass"]
    fields = _parameters(value)
    for name, field in ((field.name, field) for field in fields):
        given, default = name, ""
        if field.kw_only is True and "*" not in parameters:
            parameters.append("*")
        if field.default is not MISSING:
            scope[f"_or_{name}"], default = field.default, f"=_or_{name}"
        elif field.default_factory is not MISSING:
            scope[f"_or_{name}"], default = field.default_factory, "=_missing"
            given = f"_or_{name}() if {name} is _missing else {name}"
        parameters.append(f"{name}{default}")
        if "__slots__" in vars(value):
            scope[f"_set_{name}"] = getattr(value, name).__set__
            lines.append(f"_set_{name}(self, {given})")
        else:
            lines.append(f"_set(self, {name!r}, {given})")
    scope |= {
        "_missing": MISSING,
        "_set": object.__setattr__,
        "__name__": value.__module__,
    }
    body = "\n ".join(lines)
    exec(f"def __init__({', '.join(parameters)}):\n {body}", scope)  # noqa: S102 - as the library does
    method: Any = scope["__init__"]
    method.__qualname__ = f"{value.__qualname__}.__init__"
    method.__annotations__ = {field.name: field.type for field in fields}
    return method  # type: ignore[no-any-return]  # it is what the text above says


def _eq(self: Value, other: Value) -> bool:
    if other.__class__ is not self.__class__:
        return NotImplemented  # type: ignore[no-any-return]  # as Python has it
    return self._compared(self) == self._compared(other)  # type: ignore[no-any-return]


def _hash(self: Value) -> int:
    return hash(self._compared(self))


def _lt(self: Value, other: Value) -> bool:
    if other.__class__ is not self.__class__:
        return NotImplemented  # type: ignore[no-any-return]  # as Python has it
    return self._compared(self) < self._compared(other)  # type: ignore[no-any-return]


def _le(self: Value, other: Value) -> bool:
    if other.__class__ is not self.__class__:
        return NotImplemented  # type: ignore[no-any-return]  # as Python has it
    return self._compared(self) <= self._compared(other)  # type: ignore[no-any-return]


def _gt(self: Value, other: Value) -> bool:
    if other.__class__ is not self.__class__:
        return NotImplemented  # type: ignore[no-any-return]  # as Python has it
    return self._compared(self) > self._compared(other)  # type: ignore[no-any-return]


def _ge(self: Value, other: Value) -> bool:
    if other.__class__ is not self.__class__:
        return NotImplemented  # type: ignore[no-any-return]  # as Python has it
    return self._compared(self) >= self._compared(other)  # type: ignore[no-any-return]


@recursive_repr()
def _repr(self: Value) -> str:
    fields = (field.name for field in dataclasses.fields(self) if field.repr)
    words = ", ".join(f"{name}={getattr(self, name)!r}" for name in fields)
    return f"{self.__class__.__qualname__}({words})"


def _setattr(_self: Value, name: str, _value: object) -> NoReturn:
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _delattr(_self: Value, name: str) -> NoReturn:
    raise FrozenInstanceError(f"cannot delete field {name!r}")


def _getstate(self: Value) -> list[object]:
    return [getattr(self, field.name) for field in dataclasses.fields(self)]


def _setstate(self: Value, state: list[object]) -> None:
    for field, value in zip(dataclasses.fields(self), state, strict=True):
        object.__setattr__(self, field.name, value)
