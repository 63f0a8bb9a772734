"""Numbers of an option chain: arrays in, arrays out, unknown is NaN.

`enrich` calls all other modules once per publish; each of them has one calculation and does not depend on the chain.
Formulas, units and conventions are explained with worked examples in docs/numbers.md.
"""
