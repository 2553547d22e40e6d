"""A hub of models and data sets on this machine, so that tests need no network.

`server` speaks the protocol, the other files make small models and data sets under the names, with the file layouts
and the columns of the real ones. All content is generated here. `fixtures` is the way in.
"""
