"""Eight or four columns of two states at a time: the vector instructions that the compiler does not find by itself.

Two states lie side by side where columns are filled, and columns lie side by side where they are summed. So two
numbers of each column are read, and sorted into a vector of each state. Where there are no vectors of eight the
compiler makes two of four.
"""

from __future__ import annotations

from collections.abc import Callable

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

_NUMBER, _INDEX = ir.DoubleType(), ir.IntType(32)
_CONTRACT = ("contract",)


def _adder(width: int, rows: int) -> Callable:
    """The instructions for so many columns and rows of a table."""

    @intrinsic
    def add_two_states(typing, table, first, second, column, shares, state, values):
        """table[first + r, column + c] += shares[r, state] values[column + c, state]; state + 1 from `second` on.

        r < rows, c < width.  C-contiguous arrays of float64, and places within them: unchecked.
        """

        def generate(context, builder, signature, arguments):
            _, first, second, column, _, state, _ = arguments
            table, shares, values = (
                _Rows(builder, context.make_array(signature.args[n])(context, builder, arguments[n])) for n in (0, 4, 6)
            )
            vectors = _sorted(builder, list(values.places(column, state, width)))
            for row, vector in zip((first, second), vectors, strict=True):
                for place, share in zip(
                    table.places(row, column, rows), shares.places(state.type(0), state, rows), strict=True
                ):
                    place = builder.bitcast(place, vector.type.as_pointer())
                    product = builder.fmul(_repeated(builder, builder.load(share), width), vector, flags=_CONTRACT)
                    total = builder.fadd(builder.load(place, align=8), product, flags=_CONTRACT)
                    builder.store(total, place, align=8)
                state = builder.add(state, state.type(1))
            return context.get_dummy_value()

        i = types.intp
        return types.void(table, i, i, i, shares, i, values), generate

    return add_two_states


class _Rows:
    """Addresses in a C-contiguous 2D array."""

    def __init__(self, builder, array):
        self.builder, self.start = builder, array.data
        self.columns = cgutils.unpack_tuple(builder, array.shape)[1]

    def places(self, row, column, count):
        """Of the elements of one column in `count` rows."""
        place = self.builder.gep(self.start, [self.builder.add(self.builder.mul(row, self.columns), column)])
        for _ in range(count):
            yield place
            place = self.builder.gep(place, [self.columns])


def _sorted(builder, places):
    """Of each of two states the vector of its columns."""
    two = ir.VectorType(_NUMBER, 2).as_pointer()
    pairs = [builder.load(builder.bitcast(place, two), align=8) for place in places]
    even, odd = _joined(builder, pairs[::2]), _joined(builder, pairs[1::2])
    width = len(places)
    picks = [[n for c in range(0, width, 2) for n in (c + of, width + c + of)] for of in (0, 1)]
    return [builder.shuffle_vector(even, odd, _constant(pick)) for pick in picks]


def _joined(builder, vectors):
    """One vector after the other."""
    while len(vectors) > 1:
        both = _constant(range(2 * vectors[0].type.count))
        vectors = [builder.shuffle_vector(*vectors[n : n + 2], both) for n in range(0, len(vectors), 2)]
    return vectors[0]


def _repeated(builder, number, width):
    undefined = ir.Constant(ir.VectorType(_NUMBER, width), ir.Undefined)
    only_first = builder.insert_element(undefined, number, _INDEX(0))
    return builder.shuffle_vector(only_first, undefined, _constant([0] * width))


def _constant(numbers):
    numbers = list(numbers)
    return ir.Constant(ir.VectorType(_INDEX, len(numbers)), numbers)


add_eight, spread_eight = _adder(8, 1), _adder(8, 8)
add_four, spread_four = _adder(4, 1), _adder(4, 8)
