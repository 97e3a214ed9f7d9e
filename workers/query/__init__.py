"""The query pool: knowledge taken in, and questions answered from it. Imports jobs, stores.knowledge and itself."""
