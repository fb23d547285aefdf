"""A model as a program for ONNX Runtime: its document (iforest_to_json) as a
TreeEnsembleRegressor that sums path lengths, and the score of the sum.

The few messages of the format that this takes are written here by hand; their
fields' numbers are those of onnx.proto.
"""

import math
import struct

FLOAT, INT, STRING, FLOATS, INTS, STRINGS = 1, 2, 3, 6, 7, 8


def varint(n):
    out = bytearray()
    while n > 127:
        out.append(n & 127 | 128)
        n >>= 7
    out.append(n)
    return bytes(out)


def number(field, n):
    return varint(field << 3) + varint(n)


def nested(field, content):
    """A message, a string or packed numbers."""
    if isinstance(content, str):
        content = content.encode()
    return varint(field << 3 | 2) + varint(len(content)) + content


def floats(values):
    return struct.pack(f"<{len(values)}f", *values)


def attribute(name, value):
    """A string, an int, or a list of strings, ints or floats."""
    head = nested(1, name)
    if isinstance(value, str):
        return head + nested(4, value) + number(20, STRING)
    if isinstance(value, int):
        return head + number(3, value) + number(20, INT)
    if isinstance(value[0], str):
        return (head + b"".join(nested(9, v) for v in value) +
                number(20, STRINGS))
    if isinstance(value[0], int):
        return (head + nested(8, b"".join(map(varint, value))) +
                number(20, INTS))
    return head + nested(7, floats(value)) + number(20, FLOATS)


def operation(kind, inputs, output, attributes=None, domain=""):
    return (b"".join(nested(1, name) for name in inputs) + nested(2, output) +
            nested(3, output) + nested(4, kind) +
            b"".join(nested(5, attribute(*pair))
                     for pair in (attributes or {}).items()) +
            nested(7, domain))


def matrix(name, columns):
    """The type of a matrix of any number of rows."""
    shape = nested(1, nested(2, "n")) + nested(1, number(1, columns))
    return nested(1, name) + nested(2, nested(1, number(1, FLOAT) +
                                              nested(2, shape)))


def average_path(n):
    if n <= 2:
        return float(n - 1)
    return 2 * (math.log(n - 1) + 0.5772156649015329) - 2 * (n - 1) / n


def depths(tree):
    """The depth of every node."""
    result = [0] * len(tree["left"])
    waiting = [0]
    while waiting:
        node = waiting.pop()
        for child in (tree["left"][node], tree["right"][node]):
            if child >= 0:
                result[child] = result[node] + 1
                waiting.append(child)
    return result


def ensemble(document):
    """The attributes of the operator for a document's trees."""
    lists = {name: [] for name in (
        "nodes_treeids", "nodes_nodeids", "nodes_featureids", "nodes_modes",
        "nodes_values", "nodes_truenodeids", "nodes_falsenodeids",
        "target_treeids", "target_nodeids", "target_ids", "target_weights")}
    for t, tree in enumerate(document["trees"]):
        depth = depths(tree)
        for i, left in enumerate(tree["left"]):
            split = left >= 0
            for name, value in (
                    ("treeids", t), ("nodeids", i),
                    ("featureids", tree["feature"][i] if split else 0),
                    ("modes", "BRANCH_LEQ" if split else "LEAF"),
                    ("values", float(tree["cut"][i]) if split else 0.0),
                    ("truenodeids", left if split else 0),
                    ("falsenodeids", tree["right"][i] if split else 0)):
                lists["nodes_" + name].append(value)
            if not split:
                length = depth[i] + average_path(tree["rows"][i])
                for name, value in (("treeids", t), ("nodeids", i),
                                    ("ids", 0), ("weights", length)):
                    lists["target_" + name].append(value)
    return {**lists, "n_targets": 1, "aggregate_function": "SUM",
            "post_transform": "NONE"}


def program(document):
    """The bytes of a model file: "rows" in, "scores" out, both float32.
    Cuts are of numbers, and one sample size is all trees'."""
    factor = -math.log(2) / (len(document["trees"]) *
                             average_path(document["sample_size"]))
    graph = b"".join([
        nested(1, operation("TreeEnsembleRegressor", ["rows"], "lengths",
                            ensemble(document), "ai.onnx.ml")),
        nested(1, operation("Mul", ["lengths", "factor"], "exponent")),
        nested(1, operation("Exp", ["exponent"], "scores")),
        nested(2, "forest"),
        nested(5, number(2, FLOAT) + nested(8, "factor") +
               nested(9, floats([factor]))),
        nested(11, matrix("rows", len(document["features"]))),
        nested(12, matrix("scores", 1))])
    opsets = (nested(8, nested(1, "") + number(2, 13)) +
              nested(8, nested(1, "ai.onnx.ml") + number(2, 1)))
    return number(1, 8) + nested(7, graph) + opsets
