"""The stages of a study, each one call between files: models, sums of a shard, responses of a level, verdict, maps.

A study's sweep is an axis inside each stage, named after the swept parameter.
"""
