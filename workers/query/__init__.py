"""The query pool: knowledge taken in, and questions answered from it. Imports jobs, the ports of knowledge and itself."""
