"""The commands of ``phieu``, one module an area; thin: parse, call, print."""
