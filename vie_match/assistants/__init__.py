"""Search, match, eligibility and partners for language models, over the Model Context Protocol (MCP)."""
