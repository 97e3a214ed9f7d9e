"""Structured questions with exact answers: a corpus, templates, frozen paraphrases, scores. Imports jobs only."""
