"""The pure core: the cryptographic protocol of docs/protocol.md. Knows neither the web nor the database."""
