"""Sentence pairs through an LLM's API: what is asked, over which wire, at what cost, and what passes the gates.

asks, grid, generating, translating, wording: what is asked, as a pure function of the recipe and of earlier answers.
wire, server: two protocols over HTTP. ledger, money, pace, sending: at most once, within a budget and rates.
gates, meta_text, output: what becomes of the answers, in the order of the requests. run: all of it.
"""
