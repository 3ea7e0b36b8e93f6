"""Turns a file into the initializer list of a C array: embed.py INPUT OUTPUT."""
import sys

with open(sys.argv[1], "rb") as source:
    content = source.read()
with open(sys.argv[2], "w", encoding="ascii") as result:
    for start in range(0, len(content), 24):
        result.write(",".join(str(byte) for byte in content[start:start + 24]) + ",\n")
