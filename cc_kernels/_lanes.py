"""Eight numbers side by side, one of each of eight matrices: vector instructions that the compiler does not find.

Loops over so few numbers it unrolls before it looks for vectors. `Lanes` are a value in compiled code, as a float is:
`load`, `store` and `every` make and keep them, arithmetic and comparisons act on each number, `choose` and `all_of`
take the place of branches. Arrays of them have an axis of `LANES` as their last.
"""

from __future__ import annotations

import operator
from collections.abc import Callable

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils, typing
from numba.core.typing.templates import AbstractTemplate, infer_global
from numba.extending import intrinsic, lower_builtin, models, register_model

from cc_kernels._numba import njit

LANES = 8
_CACHE_LINE = 64
_VECTOR, _BITS = ir.VectorType(ir.DoubleType(), LANES), ir.VectorType(ir.IntType(1), LANES)


class Lanes(types.Type):
    """Numbers, or (`is_mask`) truth values."""

    def __init__(self, is_mask: bool) -> None:
        self.is_mask = is_mask
        super().__init__(name="mask of lanes" if is_mask else "lanes")


NUMBERS, MASK = Lanes(is_mask=False), Lanes(is_mask=True)


@register_model(Lanes)
class _Model(models.PrimitiveModel):
    def __init__(self, manager: object, of: Lanes) -> None:
        super().__init__(manager, of, _BITS if of.is_mask else _VECTOR)


def _same(builder: ir.IRBuilder, number: ir.Value) -> ir.Value:
    """The vector of a number."""
    first = builder.insert_element(ir.Constant(_VECTOR, ir.Undefined), number, ir.IntType(32)(0))
    return builder.shuffle_vector(first, first, ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES))


def _declare(function: Callable, of: Lanes, result: Lanes, instruction: Callable) -> None:
    """`function` of two lanes, or of lanes and a float."""
    pairs = [(of, of)] if of.is_mask else [(of, of), (of, types.float64), (types.float64, of)]

    class Signature(AbstractTemplate):
        def generic(self, arguments: tuple, keywords: dict) -> typing.Signature | None:
            return typing.signature(result, *arguments) if arguments in pairs else None

    infer_global(function)(Signature)
    for pair in pairs:

        def lower(context, builder, signature, arguments):
            both = zip(arguments, signature.args, strict=True)
            vectors = [one if isinstance(kind, Lanes) else _same(builder, one) for one, kind in both]
            return instruction(builder, *vectors)

        lower_builtin(function, *pair)(lower)


for _name in ("add", "sub", "mul", "truediv"):
    _method = {"truediv": "fdiv"}.get(_name, f"f{_name}")
    _declare(
        getattr(operator, _name),
        NUMBERS,
        NUMBERS,
        lambda builder, a, b, method=_method: getattr(builder, method)(a, b, flags=("contract",)),
    )
for _function, _sign in {operator.lt: "<", operator.le: "<=", operator.eq: "=="}.items():
    _declare(_function, NUMBERS, MASK, lambda builder, a, b, sign=_sign: builder.fcmp_ordered(sign, a, b))
_declare(operator.and_, MASK, MASK, lambda builder, a, b: builder.and_(a, b))


@intrinsic
def every(typing_context, number):
    """The same float in every lane."""
    return NUMBERS(types.float64), lambda context, builder, signature, arguments: _same(builder, arguments[0])


@intrinsic
def choose(typing_context, mask, a, b):
    """Lanes of a where the mask is true, of b elsewhere."""
    return NUMBERS(MASK, NUMBERS, NUMBERS), lambda context, builder, signature, arguments: builder.select(*arguments)


@intrinsic
def all_of(typing_context, mask):
    """Is the mask true in every lane?"""

    def generate(context, builder, signature, arguments):
        bits = builder.bitcast(arguments[0], ir.IntType(LANES))
        return builder.icmp_unsigned("==", bits, ir.IntType(LANES)(2**LANES - 1))

    return types.boolean(MASK), generate


def _of_each(name: str) -> Callable:
    """The instruction `name` of LLVM on each number."""

    def function(typing_context, lanes):
        def generate(context, builder, signature, arguments):
            kind = ir.FunctionType(_VECTOR, [_VECTOR])
            called = cgutils.get_or_insert_function(builder.module, kind, f"llvm.{name}.v{LANES}f64")
            return builder.call(called, arguments)

        return NUMBERS(NUMBERS), generate

    return intrinsic(function)


root, size_of = _of_each("sqrt"), _of_each("fabs")


def _place(context, builder, kind, array, index):
    """Pointer to the lanes at an index; unchecked, none may be negative."""
    view = context.make_array(kind)(context, builder, array)
    index = [*cgutils.unpack_tuple(builder, index), context.get_constant(types.intp, 0)]
    pointer = cgutils.get_item_pointer(context, builder, kind, view, index, wraparound=False)
    return builder.bitcast(pointer, _VECTOR.as_pointer())


@intrinsic
def load(typing_context, array, index):
    """The lanes at an index, a tuple, of an array of `lanes_array`."""

    def generate(context, builder, signature, arguments):
        return builder.load(_place(context, builder, signature.args[0], *arguments), align=8)

    return NUMBERS(array, index), generate


@intrinsic
def store(typing_context, array, index, value):
    """array[index] = value."""

    def generate(context, builder, signature, arguments):
        builder.store(arguments[2], _place(context, builder, signature.args[0], *arguments[:2]), align=8)
        return context.get_dummy_value()

    return types.void(array, index, NUMBERS), generate


@njit
def room_for(numbers):
    """A flat array of zeros for so many lanes, none of which lies on two lines of the cache."""
    whole = np.zeros((numbers + 1) * LANES)
    first = (-whole.ctypes.data % _CACHE_LINE) // 8
    return whole[first : first + numbers * LANES]


@njit
def in_eights(array):
    """The last axis as (eights, LANES)."""
    return array.reshape((*array.shape[:-1], array.shape[-1] // LANES, LANES))
