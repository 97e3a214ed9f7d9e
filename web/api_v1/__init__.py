"""The first API, kept working: questions, documents, entities, chat. Answers at once what v2 answers as jobs."""
