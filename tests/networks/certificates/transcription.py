"""What docs/certificates.md says, written out once more: plain integers, one part at a time."""

from fractions import Fraction
from math import ceil, floor, lcm

from verifier.networks.activations import IDENTITY

SLOPE = 10


def up(a, b):
    """Divide, rounded up."""
    return -(-a // b)


class Layer:
    def __init__(self, layer, lower, scale):
        power = 2**scale
        bias = [
            b + sum((w * a for w, a in zip(row, lower, strict=True)), Fraction(0))
            for row, b in zip(layer.weights, layer.bias, strict=True)
        ]
        numbers = [x for row in (*layer.weights, bias) for x in row]
        self.e = int(any((x * power).denominator != 1 for x in numbers))
        self.q = [[floor(w * power) for w in row] for row in layer.weights]
        self.b = [floor(x * power) for x in bias]
        activation = layer.activation or IDENTITY
        self.d = lcm(*(x.denominator for piece in activation.pieces for x in piece))
        self.n = [int(piece.slope * self.d) for piece in activation.pieces]
        self.t = [int(piece.intercept * self.d) * power for piece in activation.pieces]
        self.lefts = [floor(cut.at * power) for cut in activation.cuts]
        self.rights = [ceil(cut.at * power) for cut in activation.cuts]
        rising, falling = self.n == sorted(self.n), self.n == sorted(self.n)[::-1]
        self.bend = rising - falling if activation.continuous else 0

    def value(self, k, z):
        """A piece's value, over K d."""
        return self.n[k] * z + self.t[k]

    def meeting(self, low, high, first, last):
        """The pieces of a range that meet [low, high]."""
        return [
            k
            for k in range(first, last + 1)
            if (k == 0 or self.lefts[k - 1] <= high)
            and (k == len(self.lefts) or self.rights[k] >= low)
        ]

    def ends(self, low, high, k):
        """The ends of a piece within [low, high]."""
        left = low if k == 0 else max(low, self.lefts[k - 1])
        return left, high if k == len(self.lefts) else min(high, self.rights[k])

    def slopes(self, low, high, first, last):
        """The slopes above and below, over 2 ** SLOPE."""
        chord = middle = self.n[first] * 2**SLOPE // self.d
        if first < last and low < high:
            rise = self.value(last, high) - self.value(first, low)
            chord = rise * 2**SLOPE // (self.d * (high - low))
            m = first + sum(2 * self.lefts[k] < low + high for k in range(first, last))
            middle = self.n[m] * 2**SLOPE // self.d
        return (middle if self.bend < 0 else chord), (middle if self.bend > 0 else chord)


class Part:
    """One part of a box, its units bounded; ``empty`` or ``torn`` if there is nothing there."""

    def __init__(self, network, lower, scale, box, sides):
        self.scale, self.power, self.box, self.sides = scale, 2**scale, box, sides
        zero = [[Fraction(0)] * layer.inputs for layer in network.layers[1:]]
        self.layers = [
            Layer(*both, scale) for both in zip(network.layers, [lower, *zero], strict=True)
        ]
        self.units = []
        self.empty = self.torn = False
        for top, layer in enumerate(self.layers):
            plain = top + 1 == len(self.layers) and not layer.lefts
            self.units.append(None if plain else self.bounded(top, layer))

    def bounded(self, top, layer):
        extra = layer.e * self.below_zero(top)
        out = []
        for j, row in enumerate(layer.q):
            rises = [x + layer.e for x in row], (layer.b[j] + layer.e) * self.power + extra
            falls = [-x for x in row], -layer.b[j] * self.power + extra
            high = up(self.back(top, *rises), self.power)
            low = -up(self.back(top, *falls), self.power)
            first, last = 0, len(layer.n) - 1
            for place, unit, cut, above in self.sides:
                if (place, unit, above) == (top, j, True):
                    first, low = max(first, cut + 1), max(low, layer.lefts[cut])
                elif (place, unit) == (top, j):
                    last, high = min(last, cut), min(high, layer.rights[cut])
            self.empty |= low > high
            high = max(low, high)
            pieces = layer.meeting(low, high, first, last)
            self.torn |= not pieces
            ends = (pieces or [0])[0], (pieces or [0])[-1]
            out.append((low, high, *ends, *layer.slopes(low, high, *ends)))
        return out

    def below_zero(self, top):
        """How far the values that layer ``top`` reads may lie below zero, added up."""
        if top == 0:
            return 0
        layer, total = self.layers[top - 1], 0
        for low, high, first, last, _, _ in self.units[top - 1]:
            values = (layer.value(k, z) for k in range(first, last + 1)
                      for z in layer.ends(low, high, k))  # fmt: skip
            total += max(0, -(min(values) // layer.d))
        return total

    def back(self, top, r, c, pushes=(), inputs=None):
        """Bound a form of what layer ``top`` reads."""
        for i in range(top - 1, -1, -1):
            layer = self.layers[i]
            if self.units[i] is not None:
                r, c = self.relaxed(layer, self.units[i], r, c)
            for (place, unit, cut, above), m in pushes:
                if place == i:
                    r[unit] += m if above else -m
                    c += m * (-layer.lefts[cut] if above else layer.rights[cut])
            positive = layer.e * sum(max(x, 0) for x in r)
            negative = layer.e * sum(max(-x, 0) for x in r)
            c += sum(x * y for x, y in zip(r, layer.b, strict=True)) + positive
            c += (((positive + negative) >> self.scale) + 2) * self.below_zero(i)
            columns = zip(*layer.q, strict=True)
            r = [
                up(sum(x * q for x, q in zip(r, column, strict=True)) + positive, self.power)
                for column in columns
            ]
        r = [a + b for a, b in zip(r, inputs or [0] * len(r), strict=True)]
        return c + sum(max(x * low, x * high) for x, (low, high) in zip(r, self.box, strict=True))

    def relaxed(self, layer, units, r, c):
        out = []
        for x, (low, high, first, last, above, below) in zip(r, units, strict=True):
            y = x * above >> SLOPE if x >= 0 else -(-x * below >> SLOPE)
            most = max(
                x * layer.value(k, z) - y * z * layer.d
                for k in range(first, last + 1)
                for z in layer.ends(low, high, k)
            )
            c += up(most, layer.d)
            out.append(y)
        return out, c
