"""Four numbers at a time: the vector instruction that the compiler does not find by itself."""

from __future__ import annotations

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic


@intrinsic
def add_four(typing, table, start, share, four):
    """table[start + j] += share x four[j], for a flat table of float64, start >= 0, and a tuple of four; unchecked."""

    def generate(context, builder, signature, arguments):
        table, start, share, four = arguments
        vector, i32 = ir.VectorType(ir.DoubleType(), 4), ir.IntType(32)
        array = context.make_array(signature.args[0])(context, builder, table)
        place = builder.bitcast(builder.gep(array.data, [start]), vector.as_pointer())
        values = ir.Constant(vector, ir.Undefined)
        for j, value in enumerate(cgutils.unpack_tuple(builder, four)):
            values = builder.insert_element(values, value, i32(j))
        shares = builder.insert_element(ir.Constant(vector, ir.Undefined), share, i32(0))
        shares = builder.shuffle_vector(shares, shares, ir.Constant(ir.VectorType(i32, 4), [0] * 4))
        product = builder.fmul(shares, values, flags=("contract",))
        total = builder.fadd(builder.load(place, align=8), product, flags=("contract",))
        builder.store(total, place, align=8)
        return context.get_dummy_value()

    f8 = types.float64
    return types.void(table, types.intp, f8, types.UniTuple(f8, 4)), generate
