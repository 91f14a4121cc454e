"""Provides a `dataclass` decorator that makes the definition of frozen classes fast.

The standard library compiles six methods for each frozen dataclass, and four more for
one with an order. nstui has so many of these classes that this took a fifth of the
start time of every command. Here, all but one are shared by all classes, the fields are
described when somebody asks for them, and ``__init__`` is compiled for the fifth
instance of a class: most commands create instances of few classes, and of some of these
just one. For users of such a class, including type checkers, it is an ordinary
dataclass.
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


COMPILED_AFTER = 4
"""How many instances of a class take as long to create as compiling ``__init__``."""


class _Declared:
    """What the body of a class says of its fields."""

    def __init__(
        self, annotations: dict[str, str], given: dict[str, object], *, kw_only: bool
    ) -> None:
        self.annotations = annotations
        self.given = given
        """The defaults by name; of some fields, what `dataclasses.field` returned."""

        self.kw_only = kw_only
        self.instances = 0
        """How many were made by the slow ``__init__``."""

        self.parameters: list[dataclasses.Field[Any]] | None = None


class _Later:
    """A class attribute of the standard library's, provided when it is first read."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __get__(self, _instance: object, cls: Class) -> object:
        """Return the value, which takes the place of this object."""
        owner = next(one for one in cls.__mro__ if self._name in vars(one))
        # Another thread may have been here since this was found.
        if vars(owner)[self._name] is self:
            _describe(owner)
        return vars(owner)[self._name]


_DESCRIPTION = {
    name: _Later(name)
    for name in ("__dataclass_fields__", "__dataclass_params__", "__match_args__")
}


def _frozen(
    cls: Class,
    *,
    frozen: bool,
    slots: bool = False,
    kw_only: bool = False,
    order: bool = False,
) -> Class:
    del frozen
    annotations, body = cls.__annotations__, vars(cls)
    given = {name: body[name] for name in annotations if name in body}
    added = {
        **_DESCRIPTION,
        **(_SHARED | _FOR_SLOTS if slots else _SHARED),
        **(_FOR_ORDER if order else {}),
    }
    for name in body.keys() & added.keys():
        # A class that defines ``__eq__`` has ``__hash__ = None``.
        if body[name] is not None:
            del added[name]
    added["__init__"] = _init_slowly
    added["_compared"] = _compare_first
    added["_declared"] = _Declared(annotations, given, kw_only=kw_only)
    if slots:
        return _with_slots(cls, added)
    for name, value in added.items():
        setattr(cls, name, value)
    for name, value in given.items():
        if not isinstance(value, dataclasses.Field):
            continue
        if value.default is MISSING:
            delattr(cls, name)
        else:
            setattr(cls, name, value.default)
    return cls


def _with_slots(cls: Class, added: dict[str, object]) -> Class:
    """Return a copy of a class that has slots for its fields, and what is added."""
    body = {**vars(cls), **added}
    for name in ("__dict__", "__weakref__", *cls.__annotations__):
        body.pop(name, None)
    inherited = {
        name for base in cls.__mro__[1:-1] for name in vars(base).get("__slots__", ())
    }
    body["__slots__"] = tuple(
        name
        for name, text in cls.__annotations__.items()
        if name not in inherited and text != "KW_ONLY"
    )
    body["__qualname__"] = cls.__qualname__
    return _class(cls, body)


def _class(model: Class, body: dict[str, object]) -> Class:
    """Return a new class with the name and the bases of another."""
    make: Callable[[str, tuple[Class, ...], dict[str, object]], Class] = type(model)
    return make(model.__name__, model.__bases__, body)


def _describe(cls: Class) -> None:
    """Have the standard library describe the fields of a class, and keep that."""
    declared = cls._declared
    plain = _class(cls, dict(declared.given))
    # Without a docstring the library would write one, from a signature that takes
    # longer to find than all else.
    plain.__doc__ = cls.__name__
    # The library searches annotations that are text for what is no field. No class has
    # a ``ClassVar`` or an ``InitVar``.
    plain.__annotations__ = {
        name: text if text == "KW_ONLY" else object
        for name, text in declared.annotations.items()
    }
    plain.__module__ = cls.__module__
    dataclasses.dataclass(init=False, repr=False, eq=False, kw_only=declared.kw_only)(
        plain
    )
    for field in dataclasses.fields(plain):
        field.type = declared.annotations.get(field.name, field.type)
    for name in _DESCRIPTION:
        setattr(cls, name, vars(plain)[name])


def _fields(cls: Class) -> list[dataclasses.Field[Any]]:
    """Return the fields of a dataclass; without the library, if they are its own."""
    if any("__dataclass_fields__" in vars(base) for base in cls.__mro__[1:]):
        return list(dataclasses.fields(cls))
    declared = cls._declared
    fields, kw_only = [], declared.kw_only
    for name, text in declared.annotations.items():
        if text == "KW_ONLY":
            kw_only = True
            continue
        field = declared.given.get(name, MISSING)
        if not isinstance(field, dataclasses.Field):
            field = dataclasses.field(default=field)
        field.name, field.type = name, text
        if field.kw_only is MISSING:
            field.kw_only = kw_only
        fields.append(field)
    return fields


def _compare_first(self: Value, _same: Value) -> object:
    """Find what the values of a class are compared by, and return it for this one."""
    cls = type(self)
    compared = [field.name for field in _fields(cls) if field.compare]
    cls._compared = attrgetter(*compared) if compared else type
    return self._compared(self)


def _init_slowly(self: Value, *given: object, **named: object) -> None:
    """Set the fields of one of the first instances of a class."""
    declared = type(self)._declared  # noqa: SLF001 - ours
    declared.instances += 1
    if declared.instances > COMPILED_AFTER:
        _init_compiled(self, *given, **named)
        return
    if declared.parameters is None:
        declared.parameters = _parameters(type(self))
    fields = declared.parameters
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
        _init_compiled(self, *given, **named)
    for name, value in values.items():
        object.__setattr__(self, name, value)


def _init_compiled(self: Value, *given: object, **named: object) -> None:
    """Compile the class's ``__init__`` in the place of the slow one, and call it."""
    cls = type(self)
    cls.__init__ = _build_init(cls)
    cls.__init__(self, *given, **named)


def _parameters(value: Class) -> list[dataclasses.Field[Any]]:
    """Return the fields of a dataclass in the order of its parameters."""
    return sorted(_fields(value), key=lambda field: field.kw_only is True)


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


_SHARED = {
    "__eq__": _eq,
    "__hash__": _hash,
    "__repr__": _repr,
    "__setattr__": _setattr,
    "__delattr__": _delattr,
    # For `copy.replace` of Python 3.13.
    "__replace__": dataclasses.replace,
}
_FOR_SLOTS = {"__getstate__": _getstate, "__setstate__": _setstate}
_FOR_ORDER = {"__lt__": _lt, "__le__": _le, "__gt__": _gt, "__ge__": _ge}
