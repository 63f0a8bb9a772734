"""Numbers of an option chain: arrays in, arrays out, unknown is NaN.

`enrich` composes everything once per publish; every other module holds one calculation and knows nothing of the chain.
Formulas, units and conventions are explained with worked examples in docs/numbers.md.
"""
