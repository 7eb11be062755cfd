"""Audits: are judges steady, indifferent to place and length, and of one mind with people?"""
