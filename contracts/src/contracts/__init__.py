"""The only thing that services share about the business: messages by owner and major version, value types, topics."""
