"""Elhub's XML for meter values: EMIF 2.4.3, `CollectedData` (BRS-NO-313), read and acknowledged.

Read from its published schemas and sample files (`metering.md` §3, §4.1); written anew here.
"""
